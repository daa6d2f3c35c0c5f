// The kernels of assignment_table.hpp, of every instruction set of this machine, against plain
// loops.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;
using kernels::kNoCost;
using kernels::kTile;
using kernels::Size;

namespace {

using Tiles = std::vector<kernels::Tile<double>>;
double* values(Tiles& tiles) { return tiles.front().values; }
Index index_of(Size k) { return static_cast<Index>(k); }

}  // namespace

TEST_CASE("rows of an assignment agree with plain loops, for every set, dimension and padding") {
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(set->name);
    for (const Index m : {1, 5, 31, 32, 33, 100}) {
      for (const Index d : {1, 2, 7}) {
        const RandomStream stream(static_cast<std::uint64_t>(10 * m + d));
        const Points y = normal_points(m, d, stream), x = normal_points(1, d, stream.fork(1));
        const Size tiles = (to_size(m) + kTile - 1) / kTile, padded = tiles * kTile;
        Tiles columns(tiles * to_size(d)), costs(tiles), g(tiles), distances(tiles),
            taken_columns(tiles);
        for (Index c = 0; c < d; ++c) {
          for (Index j = 0; j < m; ++j) values(columns)[to_size(c) * padded + to_size(j)] = y(j, c);
        }
        for (const bool distance : {true, false}) {
          set->assignment.costs(x.data(), values(columns), to_size(d), to_size(m), padded, distance,
                                values(costs));
          for (Index j = 0; j < m; ++j) {
            const double square = (y.row(j) - x.row(0)).squaredNorm();
            const double right = distance ? std::sqrt(square) : 0.5 * square;
            CHECK(std::abs(values(costs)[j] - right) <= 1e-15 * (1.0 + right));
          }
          for (Size j = to_size(m); j < padded; ++j) CHECK(values(costs)[j] == kNoCost);
        }

        // Whole numbers: ties, and no rounding.
        Vector c = Vector::Constant(index_of(padded), kNoCost), h = Vector::Zero(c.size());
        for (Index j = 0; j < m; ++j) {
          values(costs)[j] = c[j] = static_cast<double>(stream.below(6, j, 2, 0));
          values(g)[j] = h[j] = static_cast<double>(stream.below(4, j, 3, 0));
        }
        const Vector reduced = c - h;
        std::vector<double> minima(tiles);
        set->assignment.tile_minima(values(costs), values(g), tiles, minima.data());
        for (Size t = 0; t < tiles; ++t) {
          const auto tile = reduced.segment(index_of(t * kTile), kTile);
          Index first = 0;
          CHECK(minima[t] == tile.minCoeff(&first));
          CHECK(set->assignment.first(values(costs) + t * kTile, values(g) + t * kTile,
                                      minima[t]) == to_size(first));
        }
        CHECK(set->assignment.first(values(costs), values(g), 0.5) == kTile);

        Vector before(c.size()), taken = Vector::Zero(c.size());
        for (Index j = 0; j < before.size(); ++j) {
          before[j] = j >= m || stream.below(3, j, 4, 0) == 0 ? kNoCost : 3.0;
          if (stream.below(2, j, 5, 0) == 0) taken[j] = kNoCost;
        }
        std::copy(before.begin(), before.end(), values(distances));
        set->assignment.shorten(values(costs), -1.0, padded, values(distances));
        for (Index j = 0; j < before.size(); ++j) {
          CHECK(values(distances)[j] == std::min(before[j], c[j] - 1.0));
        }

        // The second tile is left out, as too far, where it is not the row's own; what is known of
        // it stays.
        for (const Size own : {Size{0}, Size{1}, tiles}) {
          std::copy(before.begin(), before.end(), values(distances));
          std::copy(taken.begin(), taken.end(), values(taken_columns));
          std::vector<double> bounds(tiles, -4.0), tile_distances(tiles, 2.5);
          if (tiles > 1) bounds[1] = 8.0;
          kernels::AssignmentTable::Search search{values(distances), tile_distances.data(),
                                                  values(taken_columns), 10.0};
          const auto nearest = set->assignment.relax(values(costs), values(g), bounds.data(), 2.0,
                                                     own, tiles, search);
          double free = 10.0, least = 2.0 * kNoCost;
          Size column = 0;
          for (Size t = 0; t < tiles; ++t) {
            const bool seen = t != 1 || own == 1;
            if (!seen) CHECK(tile_distances[t] == 2.5);
            double tile_least = 2.0 * kNoCost;
            for (Index j = index_of(t * kTile); j < index_of((t + 1) * kTile); ++j) {
              const double distance = seen ? std::min(before[j], reduced[j] + 2.0) : before[j];
              CHECK(values(distances)[j] == distance);
              tile_least = std::min(tile_least, distance);
              if (seen) free = std::min(free, distance + taken[j]);
            }
            if (seen) CHECK(tile_distances[t] == tile_least);
            if (tile_distances[t] < least) {
              least = tile_distances[t];
              column = t * kTile;
              while (column < (t + 1) * kTile && values(distances)[column] != least) ++column;
            }
          }
          CHECK(search.free == free);
          CHECK(nearest.distance == least);
          CHECK(nearest.column == column);
        }
      }
    }
  }
}
