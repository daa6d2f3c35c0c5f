#include "neural/posterior_mean.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "neural/arrays.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {

namespace {

// Candidates and rows in the kernels' units: binary exponents level_j - |u - w|^2 of scaled points
// about a common centre.
struct Scaled {
  Points support;
  Vector levels;  // with -|w|^2 in them
  const Points& values;
};

template <class T>
void add_means(const Scaled& candidates, const Points& rows, const std::vector<Index>& some,
               Points& means) {
  if (some.empty()) return;
  const auto coordinates = points_as_tiles<T>(candidates.support);
  const auto values = points_as_tiles<T>(candidates.values);
  const auto padded = as_tiles<T>(candidates.levels, kernels::kPaddedLevel<T>);
  const kernels::Columns<T> columns{coordinates.data(), padded.data(), to_size(rows.cols())};
  const kernels::TileRange all{0, padded.size()};
  const kernels::TileRanges ranges{&all, 1};
  const auto& kernel = kernels::table<T>(kernels::select_kernel_set());

  const std::size_t n = some.size();
  const Rows<T> x = rows(some, Eigen::all).cast<T>();
  Eigen::Matrix<T, Eigen::Dynamic, 1> shifts = -x.rowwise().squaredNorm();
  Vector maxima(x.rows()), sums(x.rows());
  // The largest exponent of a row becomes 0, so that no sum overflows and none is lost.
  kernel.row_maxima(columns, ranges, {x.data(), shifts.data(), n}, maxima.data());
  shifts -= maxima.cast<T>();
  Points found(x.rows(), candidates.values.cols());
  kernel.row_means(columns, ranges, {x.data(), shifts.data(), n}, values.data(),
                   to_size(candidates.values.cols()), sums.data(), found.data());
  means(some, Eigen::all) = sums.cwiseInverse().asDiagonal() * found;
}

}  // namespace

Points posterior_means(const Candidates& candidates, double variance, ConstPoints x,
                       double accuracy) {
  const double scale = std::sqrt(std::numbers::log2e / (2.0 * variance));
  const Eigen::RowVectorXd centre = candidates.support.colwise().mean();
  Scaled scaled{scale * (candidates.support.rowwise() - centre), {}, candidates.values};
  const Points rows = scale * (x.rowwise() - centre);
  scaled.levels = -scaled.support.rowwise().squaredNorm();
  if (candidates.levels.size() > 0) scaled.levels += std::numbers::log2e * candidates.levels;

  // An exponent is a sum of four terms no larger than `most`, each right to 2^-24 of itself.
  const double most = accuracy * 0x1p22;
  const bool small = scaled.support.rowwise().squaredNorm().maxCoeff() <= most &&
                     scaled.levels.cwiseAbs().maxCoeff() <= most;
  std::vector<Index> single, full;
  for (Index i = 0; i < rows.rows(); ++i) {
    (small && rows.row(i).squaredNorm() <= most ? single : full).push_back(i);
  }
  Points means(x.rows(), candidates.values.cols());
  add_means<float>(scaled, rows, single, means);
  add_means<double>(scaled, rows, full, means);
  return means;
}

}  // namespace otbridge
