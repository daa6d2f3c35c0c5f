#include "core/at_least_zero.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace otbridge;

TEST_CASE("what is not a number is not taken for zero") {
  CHECK(at_least_zero(-1e-17) == 0.0);
  CHECK(at_least_zero(2.0) == 2.0);
  CHECK(std::isnan(at_least_zero(std::nan(""))));
}
