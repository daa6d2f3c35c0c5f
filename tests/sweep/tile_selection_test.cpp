// What a selection by shares leaves out, against the weights of all pairs.
#include "sweep/tile_selection.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "clouds.hpp"

using namespace otbridge;

TEST_CASE("tiles left out by share weigh less than it, and more than those below a threshold") {
  for (const Index d : {1, 2, 3}) {
    CAPTURE(d);
    constexpr Index kPoints = 6000;
    constexpr double kScale = 40.0;
    const Points x = std::sqrt(kScale) * ordered(normal_points(kPoints, d, RandomStream(1))),
                 y = std::sqrt(kScale) * ordered(normal_points(kPoints, d, RandomStream(2)));
    // Exponents are -|x - y|^2, from 2 <x, y> and these.
    const Vector reduced = -y.rowwise().squaredNorm();
    const Boxes rows(x, kTileSize), tiles(y, kTileSize), supers(y, kTileSize * TiledCloud::kSuper);
    const ColumnBounds bounds(y, tiles, supers, reduced);
    TileSelection selection(x, rows, &bounds, tile_count(kPoints));
    const Vector values = -x.rowwise().squaredNorm();
    for (const double share : {1e-2, 1e-6, 1e-12, 0.0}) {
      CAPTURE(share);
      Index by_share = 0, by_threshold = 0;
      double most = 0.0;  // of a row's sum that was left out
      for (Index t = 0; t < tile_count(kPoints); t += 17) {
        const double threshold = std::log2(share / static_cast<double>(kPoints));
        selection.select(t, values.data() + t * kTileSize, threshold, 1e-9);
        by_threshold += selection.left_out();
        selection.select_share(t, values.data() + t * kTileSize, share, 1e-9);
        by_share += selection.left_out();
        CHECK(selection.missed() <= share);

        std::vector<bool> met(static_cast<std::size_t>(tile_count(kPoints)), false);
        const kernels::TileRanges ranges = selection.ranges();
        for (std::size_t k = 0; k < ranges.count; ++k) {
          for (std::size_t c = ranges.data[k].begin; c < ranges.data[k].end; ++c) met[c] = true;
        }
        const Index i = t * kTileSize;
        double left_out = 0.0;
        for (Index j = 0; j < kPoints; ++j) {
          if (met[static_cast<std::size_t>(j / kTileSize)]) continue;
          left_out += std::exp2(-(x.row(i) - y.row(j)).squaredNorm());
        }
        CHECK(left_out <= selection.missed());
        most = std::max(most, left_out);
      }
      if (share == 0.0) {
        CHECK(by_share == 0);
        continue;
      }
      CHECK(most > 0.0);
      CHECK(by_share > by_threshold);
    }
  }
}
