#include "solvers/sinkhorn_stored.hpp"

namespace otbridge {
namespace {

constexpr Index kLargest = Index{1} << 18;  // weights, of 4 bytes
constexpr double kReach = 16.0;  // keeps the floor of the weights below rounding, and scales finite

}  // namespace

bool StoredKernel::fits(Index rows, Index columns) {
  return rows * ((columns + kTileSize - 1) / kTileSize * kTileSize) <= kLargest;
}

StoredKernel::StoredKernel(const kernels::KernelSet& set, const TiledCloud& rows,
                           const TiledCloud& columns, const Vector& f, const Vector& g)
    : kernels_(set.stored),
      f_(f),
      g_(g),
      tiles_(to_size(columns.tiles())),
      weights_(to_size(rows.size()) * tiles_) {
  const Vector shifts = f - rows.squares();
  const auto levels = as_tiles<double>(g - columns.squares(), kernels::kPaddedLevel<double>);
  kernels_.store_weights(
      {columns.columns<double>().data(), levels.data(), to_size(columns.dimension())}, tiles_,
      {rows.rows<double>().data(), shifts.data(), to_size(rows.size())}, weights_.data());
}

bool StoredKernel::reaches(const Vector& f, const Vector& g) const {
  return (f - f_).cwiseAbs().maxCoeff() <= kReach && (g - g_).cwiseAbs().maxCoeff() <= kReach;
}

Vector StoredKernel::row_sums(const Vector& f, const Vector& g, const Vector& values) const {
  Vector inner = values, sums(f.size());
  scale(g - g_, inner);
  const auto tiles = as_tiles<float>(inner, 0.0);
  kernels_.row_sums(weights_.data(), to_size(f.size()), tiles_, tiles.data(), sums.data());
  scale(f - f_, sums);
  return sums;
}

Vector StoredKernel::column_sums(const Vector& f, const Vector& g, const Vector& values) const {
  Vector inner = values, sums(static_cast<Index>(tiles_) * kTileSize);
  scale(f - f_, inner);
  const Eigen::VectorXf single = inner.cast<float>();
  kernels_.column_sums(weights_.data(), to_size(f.size()), tiles_, single.data(), sums.data());
  sums.conservativeResize(g.size());
  scale(g - g_, sums);
  return sums;
}

void StoredKernel::scale(const Vector& exponents, Vector& values) const {
  kernels_.scale(exponents.data(), to_size(values.size()), values.data());
}

}  // namespace otbridge
