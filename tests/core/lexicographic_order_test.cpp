#include "core/lexicographic_order.hpp"

#include <doctest/doctest.h>

using namespace otbridge;

TEST_CASE("rows in lexicographic order: coordinates from the first on, equal rows by number") {
  const Points points{{1.0, 5.0}, {0.0, 2.0}, {1.0, -5.0}, {-0.0, 2.0}, {1.0, 5.0}};
  CHECK(lexicographic_order(points) == std::vector<Index>{1, 3, 2, 0, 4});
  CHECK(lexicographic_order(Points(0, 2)).empty());
  CHECK(lexicographically_before(points.row(1), points.row(0)));
  CHECK(!lexicographically_before(points.row(1), points.row(3)));  // zeros of either sign
  CHECK(!lexicographically_before(points.row(3), points.row(1)));
}
