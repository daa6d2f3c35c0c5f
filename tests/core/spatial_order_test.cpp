#include "core/spatial_order.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "otbridge/core/random.hpp"

using namespace otbridge;

TEST_CASE("spatial order is a permutation whose aligned runs are compact") {
  const Points x = normal_points(1000, 2, RandomStream(1));
  std::vector<Index> order = spatial_order(x);
  const Points sorted = x(order, Eigen::all);
  const auto mean_extent = [](const Points& points) {
    double total = 0.0;
    for (Index k = 0; k + 32 <= points.rows(); k += 32) {
      const auto run = points.middleRows(k, 32);
      total += (run.colwise().maxCoeff() - run.colwise().minCoeff()).norm();
    }
    return total;
  };
  CHECK(mean_extent(sorted) < 0.4 * mean_extent(x));
  std::ranges::sort(order);
  for (Index i = 0; i < 1000; ++i) REQUIRE(order[static_cast<std::size_t>(i)] == i);
  // Many equal points must not deepen the recursion.
  CHECK(spatial_order(Points::Constant(100000, 2, 0.5)).size() == 100000);
}
