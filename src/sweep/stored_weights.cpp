#include "sweep/stored_weights.hpp"

#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kFitsCache = Index{1} << 18, kFitsMemory = Index{1} << 27;  // weights
constexpr Index kHighDimension = 7;
constexpr double kReach = 16.0;  // keeps the floor of the weights below rounding, and scales finite
constexpr Index kWeightsPerChunk = Index{1} << 18;  // less is not worth a thread

Index padded(Index columns) { return tile_count(columns) * kTileSize; }

Index chunk_rows(Index columns) {
  return std::max<Index>(1, kWeightsPerChunk / padded(columns) / kTileSize) * kTileSize;
}

}  // namespace

bool StoredWeights::pays(Index rows, Index columns, Index dimension) {
  return rows <= (dimension < kHighDimension ? kFitsCache : kFitsMemory) / padded(columns);
}

StoredWeights::StoredWeights(const kernels::KernelSet& set, const TiledCloud& rows,
                             const TiledCloud& columns, const Vector& f, const Vector& g)
    : kernels_(set.stored),
      f_(f),
      g_(g),
      tiles_(to_size(columns.tiles())),
      weights_(
          std::make_unique_for_overwrite<kernels::Tile<float>[]>(to_size(rows.size()) * tiles_)) {
  // |x - y|^2 = |x|^2 + |y|^2 - 2 <x, y>: the kernel adds the inner product to these two.
  const Vector shifts = f - rows.squares();
  const auto levels = as_tiles<double>(g - columns.squares(), kernels::kPaddedLevel<double>);
  const auto d = to_size(columns.dimension());
  parallel_for(rows.size(), chunk_rows(columns.size()), [&](Index begin, Index end, Index) {
    const auto first = to_size(begin);
    kernels_.store_weights(
        {columns.columns<double>().data(), levels.data(), d}, tiles_,
        {rows.rows<double>().data() + first * d, shifts.data() + begin, to_size(end) - first},
        weights_.get() + first * tiles_);
  });
}

bool StoredWeights::reaches(const Vector& f, const Vector& g) const {
  // Each scaling is then between 2^-kReach and 2^kReach.
  return (f - f_).cwiseAbs().maxCoeff() <= kReach && (g - g_).cwiseAbs().maxCoeff() <= kReach;
}

// diag(2^(f - f0)) W diag(2^(g - g0)) v, the outer factors in double.
Vector StoredWeights::row_sums(const Vector& f, const Vector& g, const Vector& values) const {
  Vector inner = values, sums(f.size());
  scale(g - g_, inner);
  const auto tiles = as_tiles<float>(inner, 0.0);
  shared_for(f.size(), chunk_rows(g.size()), {rows_of_loop(sums.data())},
             [&](Index begin, Index end, Index) {
               kernels_.row_sums(weights_.get() + to_size(begin) * tiles_, to_size(end - begin),
                                 tiles_, tiles.data(), sums.data() + begin);
             });
  scale(f - f_, sums);
  return sums;
}

Vector StoredWeights::column_sums(const Vector& f, const Vector& g, const Vector& values) const {
  Vector inner = values;
  scale(f - f_, inner);
  const Eigen::VectorXf single = inner.cast<float>();
  const Index n = f.size(),
              chunk = std::max(chunk_rows(g.size()), chunk_count(n, kColumnSumGroups));
  // One column of sums per chunk of rows, added in that order: the same for any number of threads.
  Matrix partial = Matrix::Zero(padded(g.size()), chunk_count(n, chunk));
  parallel_for(n, chunk, [&](Index begin, Index end, Index k) {
    kernels_.column_sums(weights_.get() + to_size(begin) * tiles_, to_size(end - begin), tiles_,
                         single.data() + begin, partial.col(k).data());
  });
  Vector sums = partial.topRows(g.size()).rowwise().sum();
  scale(g - g_, sums);
  return sums;
}

void StoredWeights::scale(const Vector& exponents, Vector& values) const {
  kernels_.scale(exponents.data(), to_size(values.size()), values.data());
}

}  // namespace otbridge
