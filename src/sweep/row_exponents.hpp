// RowExponents: the exponents of one row against a cloud, however far out its points lie.
//
// In z_j = l_j - |x - y_j|^2 the squares multiplied out cost as many digits as they are larger than
// z. Here the largest exponent is found from differences of coordinates, and every other one
// relative to it from
//   |x - y|^2 - |x - y_j|^2 = <y_j - y, 2 x - y_j - y>,   y the column of the largest,
// so that a rounding error of z_j - z is small beside z_j - z, whatever the size of either. Several
// times slower than the kernels; O(columns d) per row.
//
// A shift that brings the sum of the weights to 1 is about -z, and rounded as z is. What is left of
// shift + z within that rounding is nothing that is known: the sum is then 1.
#pragma once

#include "sweep/tiled_cloud.hpp"

namespace otbridge {

class RowExponents {
 public:
  using Tiles = std::vector<kernels::Tile<double>>;

  // All are kept by reference; both clouds at one scale. log2_weights: l_j, padded.
  RowExponents(const kernels::KernelTable<double>& kernels, const TiledCloud& rows,
               const TiledCloud& columns, const Tiles& log2_weights);

  // For row i over `ranges`.
  void compute(Index i, const kernels::TileRanges& ranges);

  // log2 sum_j 2^z_j; -inf over no columns.
  double log2_sum() const { return largest_ + log2_relative_sum_; }
  // z_j - max z as the levels of columns without coordinates, which any kernel takes.
  kernels::Columns<double> relative() const { return {nullptr, relative_.data(), 0}; }
  // What is to be added to those for the weights 2^(shift + z_j).
  double relative_shift(double shift) const;
  // |x - y_j|^2 in kernel coordinates.
  const Tiles& squares() const { return squares_; }

 private:
  template <class Body>
  void for_tiles(Body&& body) const;

  const kernels::KernelTable<double>& kernels_;
  // Rows and columns in the coordinates taken, the rows after a factor.
  const Points& rows_;
  double row_scale_;
  const Tiles &columns_, &log2_weights_;
  Index d_;
  double square_scale_;  // from squared distances of the points taken to exponents
  std::vector<double> x_;
  kernels::TileRanges ranges_{nullptr, 0};
  double largest_ = 0.0, log2_relative_sum_ = 0.0;
  double size_ = 0.0;  // of the terms of the largest exponent
  Tiles relative_, squares_;
};

}  // namespace otbridge
