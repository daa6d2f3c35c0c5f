#include "sweep/tiled_cloud.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "otbridge/core/parallel.hpp"

namespace otbridge {

// (scale |x|)^2 = log2(e) |x|^2 / (2 variance) = -log2 exp(-|x|^2 / (2 variance)).
double kernel_scale(double variance) { return std::sqrt(0.5 * kLog2E / variance); }

Boxes::Boxes(const Points& points, Index run) : run_(run) {
  // A box: its centre, half its sides, and of its points mean and scatter for the fits.
  const Index n = points.rows(), d = points.cols(), count = (n + run - 1) / run;
  centre_.resize(count, d);
  half_.resize(count, d);
  mean_.resize(count, d);
  inverse_.resize(to_size(count));
  parallel_for(count, 256, [&](Index begin, Index end, Index) {
    for (Index c = begin; c < end; ++c) {
      const auto part = points.middleRows(c * run, std::min(run, n - c * run));
      const Eigen::RowVectorXd low = part.colwise().minCoeff(), high = part.colwise().maxCoeff();
      centre_.row(c) = 0.5 * (low + high);
      half_.row(c) = 0.5 * (high - low);
      mean_.row(c) = part.colwise().mean();
      const Points offset = part.rowwise() - mean_.row(c);
      Matrix spread = offset.transpose() * offset;
      // A flat run has no slope across itself; the ridge makes it 0 there.
      const double ridge = 1e-9 * spread.trace() + 1e-300;
      spread.diagonal().array() += ridge;
      inverse_[to_size(c)] = spread.inverse();
    }
  });
}

// Slope: least squares over the run, inverse covariance times the moments of the values. Any slope
// would do for a bound; the top is then what makes it one.
void Boxes::fit(const Points& points, const double* values, Index c, Majorants& fits,
                Index slot) const {
  const Index d = points.cols(), first = c * run_, size = std::min(run_, points.rows() - first);
  const double* const point = points.data() + first * d;
  for (Index k = 0; k < d; ++k) fits.slope(slot, k) = 0.0;
  for (Index k = 0; k < d; ++k) {
    double moment = 0.0;
    for (Index i = 0; i < size; ++i) moment += values[i] * (point[i * d + k] - mean_(c, k));
    for (Index l = 0; l < d; ++l) fits.slope(slot, l) += inverse_[to_size(c)](l, k) * moment;
  }
  // The largest value less its slope part, about the centre of the box.
  double top = -1e300;
  for (Index i = 0; i < size; ++i) {
    double value = values[i];
    for (Index k = 0; k < d; ++k) value -= fits.slope(slot, k) * (point[i * d + k] - centre_(c, k));
    top = std::max(top, value);
  }
  fits.top[slot] = top;
}

Majorants Boxes::majorants(const Points& points, const Vector& values) const {
  Majorants fits(count(), points.cols());
  parallel_for(count(), 256, [&](Index begin, Index end, Index) {
    for (Index c = begin; c < end; ++c) fit(points, values.data() + c * run_, c, fits, c);
  });
  return fits;
}

// With x = x_c + u, y = y_c + v, |u| <= h, |v| <= k componentwise, the exponent is at most
// top + top' + 2 <x_c, y_c> + <slope + 2 y_c, u> + <slope' + 2 x_c, v> + 2 <u, v>.
double Boxes::largest_exponent(const Boxes& rows, const Majorants& row_values, Index r, Index slot,
                               const Boxes& columns, const Majorants& column_values, Index c) {
  double z = row_values.top[slot] + column_values.top[c];
  for (Index k = 0; k < rows.centre_.cols(); ++k) {
    const double x = 2.0 * rows.centre_(r, k), y = 2.0 * columns.centre_(c, k);
    const double hx = rows.half_(r, k), hy = columns.half_(c, k);
    z += 0.5 * x * y + std::abs(row_values.slope(slot, k) + y) * hx +
         std::abs(column_values.slope(c, k) + x) * hy + 2.0 * hx * hy;
  }
  return z;
}

TiledCloud::TiledCloud(const Points& points, double scale, bool bounded, bool single)
    : scale_(scale),
      points_(scale * points),
      squares_(points_.rowwise().squaredNorm()),
      bounded_(bounded),
      single_(single ? points_ : Points(0, points_.cols())),
      full_(points_) {
  if (squares_.size() > 0 && !(squares_.maxCoeff() <= kNear)) {
    far_.assign(to_size(tiles()), 0);
    for (Index i = 0; i < size(); ++i) {
      if (!(squares_[i] <= kNear)) far_[to_size(i / kTileSize)] = 1;
    }
    unscaled_ = points;
    unscaled_columns_ = points_as_tiles<double>(points);
  }
  // Boxes are for leaving out tiles; a cloud that is swept whole needs none.
  if (bounded_) {
    boxes_ = Boxes(points_, kTileSize);
    supers_ = Boxes(points_, kTileSize * kSuper);
  }
}

template <class T>
TiledCloud::Arrays<T>::Arrays(const Points& points)
    : rows(points.data(), points.data() + points.size()), columns(points_as_tiles<T>(points)) {}

template <>
const std::vector<float>& TiledCloud::rows<float>() const {
  return single_.rows;
}
template <>
const std::vector<double>& TiledCloud::rows<double>() const {
  return full_.rows;
}
template <>
const std::vector<kernels::Tile<float>>& TiledCloud::columns<float>() const {
  return single_.columns;
}
template <>
const std::vector<kernels::Tile<double>>& TiledCloud::columns<double>() const {
  return full_.columns;
}

template <class T>
std::vector<kernels::Tile<T>> as_tiles(const Vector& values, double padding) {
  const Index n = values.size(), tiles = tile_count(n);
  std::vector<kernels::Tile<T>> all(to_size(tiles));
  for (Index i = 0; i < tiles * kTileSize; ++i) {
    all[to_size(i / kTileSize)].values[i % kTileSize] = static_cast<T>(i < n ? values[i] : padding);
  }
  return all;
}
template std::vector<kernels::Tile<float>> as_tiles<float>(const Vector&, double);
template std::vector<kernels::Tile<double>> as_tiles<double>(const Vector&, double);

template <class T>
std::vector<kernels::Tile<T>> points_as_tiles(ConstPoints points) {
  const Index n = points.rows(), d = points.cols();
  std::vector<kernels::Tile<T>> all(to_size(tile_count(n) * d), kernels::Tile<T>{});
  for (Index i = 0; i < n; ++i) {
    for (Index k = 0; k < d; ++k) {
      all[to_size(i / kTileSize * d + k)].values[i % kTileSize] = static_cast<T>(points(i, k));
    }
  }
  return all;
}
template std::vector<kernels::Tile<float>> points_as_tiles<float>(ConstPoints);
template std::vector<kernels::Tile<double>> points_as_tiles<double>(ConstPoints);

}  // namespace otbridge
