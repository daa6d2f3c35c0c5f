#include "neural/posterior_mean.hpp"

#include <cmath>
#include <numbers>
#include <vector>

#include "kernels/kernel_set.hpp"

namespace otbridge {
namespace {

using kernels::kTile;
using Tile = kernels::Tile<double>;

// Column k of the rows as tiles: coordinate k of row j in tile [j / kTile * width + k].
std::vector<Tile> as_tiles(const Points& rows) {
  const auto tiles = to_size((rows.rows() + Index{kTile} - 1) / Index{kTile});
  const std::size_t width = to_size(rows.cols());
  std::vector<Tile> result(tiles * width, Tile{});
  for (Index j = 0; j < rows.rows(); ++j) {
    for (Index k = 0; k < rows.cols(); ++k) {
      result[to_size(j) / kTile * width + to_size(k)].values[to_size(j) % kTile] = rows(j, k);
    }
  }
  return result;
}

}  // namespace

Points posterior_means(const Candidates& candidates, double variance, ConstPoints x) {
  // In the kernels' units: binary exponents -|u - w|^2 of scaled points about a common centre.
  const double scale = std::sqrt(std::numbers::log2e / (2.0 * variance));
  const Eigen::RowVectorXd centre = candidates.support.colwise().mean();
  const Points support = scale * (candidates.support.rowwise() - centre);
  const Points rows = scale * (x.rowwise() - centre);

  const Index m = support.rows();
  const auto coordinates = as_tiles(support), values = as_tiles(candidates.values);
  const std::size_t d = to_size(x.cols()), tiles = (to_size(m) + kTile - 1) / kTile;
  std::vector<Tile> levels(tiles);
  for (Tile& tile : levels) std::fill_n(tile.values, kTile, kernels::kPaddedLevel<double>);
  for (Index j = 0; j < m; ++j) {
    const double level = candidates.levels.size() > 0 ? candidates.levels[j] : 0.0;
    levels[to_size(j) / kTile].values[to_size(j) % kTile] =
        std::numbers::log2e * level - support.row(j).squaredNorm();
  }
  const kernels::Columns<double> columns{coordinates.data(), levels.data(), d};
  const kernels::TileRange all{0, tiles};
  const kernels::TileRanges ranges{&all, 1};
  const auto& kernel = kernels::select_kernel_set().f64;

  // The largest exponent of a row becomes 0, so that no sum overflows and none is lost.
  Vector shifts = -rows.rowwise().squaredNorm(), maxima(x.rows()), sums(x.rows());
  const std::size_t n = to_size(x.rows());
  kernel.row_maxima(columns, ranges, {rows.data(), shifts.data(), n}, maxima.data());
  shifts -= maxima;
  Points means(x.rows(), candidates.values.cols());
  kernel.row_means(columns, ranges, {rows.data(), shifts.data(), n}, values.data(),
                   to_size(candidates.values.cols()), sums.data(), means.data());
  return sums.cwiseInverse().asDiagonal() * means;
}

}  // namespace otbridge
