#include "core/medians.hpp"

#include <doctest/doctest.h>

using namespace otbridge;

TEST_CASE("the median of each coordinate, which outliers do not move") {
  Points x(5, 2);
  x << 1, -1e300, 2, 0, 3, 5, 1e300, 6, -4, 7;
  CHECK(coordinate_medians(x) == Eigen::RowVector2d(2, 5));
  CHECK(coordinate_medians(x.topRows(4)) == Eigen::RowVector2d(3, 5));
  CHECK(coordinate_medians(x.topRows(1)) == x.row(0));
}
