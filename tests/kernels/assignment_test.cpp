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

// The first of the least, as the kernels promise.
kernels::AssignmentTable::Least least_of(const Vector& numbers) {
  const auto at = std::min_element(numbers.begin(), numbers.end());
  return {*at, to_size(at - numbers.begin())};
}

}  // namespace

TEST_CASE("rows of an assignment agree with plain loops, for every set, dimension and padding") {
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    CAPTURE(set->name);
    for (const Index m : {1, 5, 31, 32, 33, 100}) {
      for (const Index d : {1, 2, 7}) {
        const RandomStream stream(static_cast<std::uint64_t>(10 * m + d));
        const Points y = normal_points(m, d, stream), x = normal_points(1, d, stream.fork(1));
        const Size tiles = (to_size(m) + kTile - 1) / kTile, padded = tiles * kTile;
        Tiles columns(tiles * to_size(d)), costs(tiles), g(tiles), distances(tiles), from(tiles);
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
        Vector c(m), h(m), before(m);
        for (Index j = 0; j < m; ++j) {
          values(costs)[j] = c[j] = static_cast<double>(stream.below(6, j, 2, 0));
          values(g)[j] = h[j] = static_cast<double>(stream.below(4, j, 3, 0));
          const Index kind = stream.below(3, j, 4, 0);
          before[j] = kind == 0 ? -kNoCost : kind == 1 ? kNoCost : 3.0;
        }
        const auto least = set->assignment.least(values(costs), values(g), padded);
        const auto right = least_of(c - h);
        CHECK(least.value == right.value);
        CHECK(least.column == right.column);

        before[m - 1] = kNoCost;  // one at least is open
        std::fill_n(values(distances), padded, kNoCost);
        std::copy(before.begin(), before.end(), values(distances));
        std::fill_n(values(from), padded, -1.0);
        const auto nearest = set->assignment.relax(values(costs), values(g), 2.0, 7.0, padded,
                                                   values(distances), values(from));
        Vector open(m);
        for (Index j = 0; j < m; ++j) {
          const double way = c[j] - h[j] + 2.0;
          const bool shorter = way < before[j];
          CHECK(values(distances)[j] == (shorter ? way : before[j]));
          CHECK(values(from)[j] == (shorter ? 7.0 : -1.0));
          open[j] = before[j] == -kNoCost ? kNoCost : values(distances)[j];
        }
        const auto next = least_of(open);
        CHECK(nearest.value == next.value);
        CHECK(nearest.column == next.column);
      }
    }
  }
}
