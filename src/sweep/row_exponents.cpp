#include "sweep/row_exponents.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace otbridge {
namespace {

using Lane = std::array<double, kernels::kTile>;

}  // namespace

// Scaling rounds coordinates, which matters where both points are far out and near each other. A
// row that is far out from all columns is moved by it as a whole, and one near the centre loses
// nothing.
RowExponents::RowExponents(const kernels::KernelTable<double>& kernels, const TiledCloud& rows,
                           const TiledCloud& columns, const Tiles& log2_weights)
    : kernels_(kernels),
      rows_(columns.any_far() && rows.any_far() ? rows.unscaled() : rows.points()),
      row_scale_(columns.any_far() && !rows.any_far() ? 1.0 / rows.scale() : 1.0),
      columns_(columns.any_far() ? columns.unscaled_columns() : columns.columns<double>()),
      log2_weights_(log2_weights),
      d_(columns.dimension()),
      square_scale_(columns.any_far() ? columns.scale() * columns.scale() : 1.0),
      x_(to_size(columns.dimension())),
      relative_(to_size(columns.tiles())),
      squares_(relative_.size()) {}

template <class Body>
void RowExponents::for_tiles(Body&& body) const {
  for (kernels::Size r = 0; r < ranges_.count; ++r) {
    for (kernels::Size t = ranges_.data[r].begin; t < ranges_.data[r].end; ++t) {
      body(t, columns_.data() + t * to_size(d_));
    }
  }
}

void RowExponents::compute(Index i, const kernels::TileRanges& ranges) {
  for (Index k = 0; k < d_; ++k) x_[to_size(k)] = row_scale_ * rows_(i, k);
  ranges_ = ranges;
  largest_ = -std::numeric_limits<double>::infinity();
  kernels::Size best_tile = 0, best = 0;
  for_tiles([&](kernels::Size t, const kernels::Tile<double>* y) {
    Lane squares{};
    for (Index k = 0; k < d_; ++k) {
      for (kernels::Size j = 0; j < kernels::kTile; ++j) {
        const double difference = x_[to_size(k)] - y[k].values[j];
        squares[j] += difference * difference;
      }
    }
    for (kernels::Size j = 0; j < kernels::kTile; ++j) {
      squares_[t].values[j] = square_scale_ * squares[j];
      const double z = log2_weights_[t].values[j] - squares_[t].values[j];
      if (z > largest_) {
        largest_ = z;
        best_tile = t;
        best = j;
      }
    }
  });

  const kernels::Tile<double>* const nearest = columns_.data() + best_tile * to_size(d_);
  const double level = log2_weights_[best_tile].values[best];
  double most = 0.0;
  for_tiles([&](kernels::Size t, const kernels::Tile<double>* y) {
    Lane nearer{};  // how much nearer x is to the column of the largest exponent
    for (Index k = 0; k < d_; ++k) {
      const double reference = nearest[k].values[best], twice = 2.0 * x_[to_size(k)] - reference;
      for (kernels::Size j = 0; j < kernels::kTile; ++j) {
        nearer[j] += (y[k].values[j] - reference) * (twice - y[k].values[j]);
      }
    }
    for (kernels::Size j = 0; j < kernels::kTile; ++j) {
      relative_[t].values[j] = (log2_weights_[t].values[j] - level) + square_scale_ * nearer[j];
      most = std::max(most, relative_[t].values[j]);
    }
  });
  // Where exponents are so large that the first pass has picked another than the largest of them.
  if (most > 0.0) {
    largest_ += most;
    for_tiles([&](kernels::Size t, const kernels::Tile<double>*) {
      for (double& value : relative_[t].values) value -= most;
    });
  }
  const double none = 0.0;
  double sum = 0.0;  // of weights of which the largest is 1
  kernels_.row_sums(relative(), ranges_, {nullptr, &none, 1}, &sum);
  log2_relative_sum_ = sum > 0.0 ? std::log2(sum) : 0.0;
  size_ = std::abs(level) + std::abs(level - largest_);
}

double RowExponents::relative_shift(double shift) const {
  const double excess = shift + log2_sum();
  const double rounding = 0x1p-49 * (std::abs(shift) + size_);
  return (std::abs(excess) <= rounding ? 0.0 : excess) - log2_relative_sum_;
}

}  // namespace otbridge
