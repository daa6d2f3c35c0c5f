// Sweeps of costs against plain loops over all pairs, with bounds and without; what bounds leave
// out.
#include "sweep/cost_sweep.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "core/spatial_order.hpp"
#include "otbridge/core/random.hpp"

using namespace otbridge;

namespace {

Points cloud(Index n, Index d, bool ordered, std::uint64_t seed) {
  const Points x = normal_points(n, d, RandomStream(seed));
  return ordered ? Points(x(spatial_order(x), Eigen::all)) : x;
}

double reduced_cost(const Points& x, const Points& y, Index i, Index j) {
  return 0.5 * (x.row(i) - y.row(j)).squaredNorm();
}

}  // namespace

TEST_CASE("transforms and arcs below a level are those of all pairs, with bounds and without") {
  // From one tile to several runs of them, in and beyond the dimensions that have bounds.
  struct Size {
    Index n, m, d;
  };
  for (const Size& size : {Size{1, 1, 1}, Size{33, 700, 1}, Size{900, 1500, 2}, Size{500, 1100, 3},
                           Size{300, 600, 6}, Size{100, 90, 9}}) {
    const Index n = size.n, m = size.m, d = size.d;
    for (const bool ordered : {true, false}) {
      CAPTURE(n);
      CAPTURE(d);
      CAPTURE(ordered);
      const Points x = cloud(n, d, ordered, 1), y = cloud(m, d, ordered, 2);
      const CostSweep sweep(x, y);
      // Smooth, as potentials are, or any numbers at all.
      const Vector smooth = 0.3 * y.rowwise().squaredNorm() + y.col(0),
                   rough = 3.0 * normal_points(m, 1, RandomStream(3)).col(0);
      for (const Vector& g : {smooth, rough}) {
        Vector expected(n);
        for (Index i = 0; i < n; ++i) {
          double least = 1e300;
          for (Index j = 0; j < m; ++j) least = std::min(least, reduced_cost(x, y, i, j) - g[j]);
          expected[i] = least;
        }
        const Vector f = sweep.transform(g);
        CHECK((f - expected).cwiseAbs().maxCoeff() < 1e-12);

        for (const double level : {0.02, 0.0, -0.05}) {
          const Vector raised = f.array() + (level < 0.0 ? 0.2 : 0.0);  // some pairs violate it
          std::vector<std::pair<Index, Index>> pairs;
          double least = 0.0;
          for (Index i = 0; i < n; ++i) {
            for (Index j = 0; j < m; ++j) {
              const double r = reduced_cost(x, y, i, j) - raised[i] - g[j];
              if (r < level) pairs.emplace_back(i, j);
              least = std::min(least, r);
            }
          }
          const CostSweep::Found found = sweep.below(level, raised, g, 1000000);
          CHECK(found.total == static_cast<Index>(pairs.size()));
          CHECK(found.least == least);
          REQUIRE(found.arcs.size() == pairs.size());
          for (std::size_t k = 0; k < pairs.size(); ++k) {
            CHECK(found.arcs[k].source == pairs[k].first);
            CHECK(found.arcs[k].sink == pairs[k].second);
          }
        }
      }
    }
  }
}

TEST_CASE("of clouds in spatial order a tile of rows meets few tiles of columns") {
  constexpr Index kPoints = 20000;
  const Points x = cloud(kPoints, 2, true, 1), y = cloud(kPoints, 2, true, 2);
  // A map that is no translation: g is optimal for y to be 2 x.
  const Vector g = 0.25 * y.rowwise().squaredNorm();
  const Vector f = CostSweep(x, y).transform(g);
  const Boxes rows(x, kTileSize), tiles(y, kTileSize), supers(y, kTileSize * TiledCloud::kSuper);
  const ColumnBounds bounds(y, tiles, supers, 2.0 * g - y.rowwise().squaredNorm());
  TileSelection selection(x, rows, &bounds, tile_count(kPoints));
  const Vector values = 2.0 * f - x.rowwise().squaredNorm();
  Index met = 0;
  for (Index t = 0; t < tile_count(kPoints); ++t) {
    selection.select(t, values.data() + t * kTileSize, 0.0, 1e-9);
    met += tile_count(kPoints) - selection.left_out();
  }
  const double part =
      static_cast<double>(met) / (static_cast<double>(tile_count(kPoints)) * tile_count(kPoints));
  CHECK(part < 0.05);
  CHECK(part > 0.0);
}
