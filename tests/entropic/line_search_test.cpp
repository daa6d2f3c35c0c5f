#include "entropic/line_search.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace otbridge;

TEST_CASE("the longest of 1, 1/2, ... that rises enough is taken, and visited last") {
  // v(t) = t - c t^2 has slope 1 and rises by at least 1e-4 t where t <= (1 - 1e-4) / c.
  for (const double c : {0.5, 0.9, 1.5, 3.0, 100.0}) {
    CAPTURE(c);
    double longest = 1.0;
    while (longest > (1.0 - 1e-4) / c) longest *= 0.5;
    std::vector<double> visited;
    const auto found = backtrack(0.0, 1.0, [&](double t) {
      visited.push_back(t);
      return t - c * t * t;
    });
    REQUIRE(found);
    CHECK(found->confirmed);
    CHECK(found->length == longest);
    CHECK(visited.back() == longest);
    CHECK(visited.front() == 1.0);
  }
}

TEST_CASE("no step is found where nothing rises, and none is tried without a slope") {
  int calls = 0;
  const auto falls = [&](double t) {
    ++calls;
    return -t;
  };
  CHECK(!backtrack(0.0, 1.0, falls));
  CHECK(calls == 8);
  const auto nothing = [&](double) {
    ++calls;
    return std::numeric_limits<double>::quiet_NaN();
  };
  CHECK(!backtrack(0.0, 1.0, nothing));
  CHECK(calls == 16);
  for (const double slope : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(!backtrack(0.0, slope, falls));
  }
  CHECK(calls == 16);
}

TEST_CASE("a rise below the rounding of the value is left to the caller") {
  // The value moves by less than it can show: no rise confirms the step, none refuses it.
  const auto found = backtrack(1e6, 1e-6, [](double) { return 1e6; });
  REQUIRE(found);
  CHECK(found->length == 1.0);
  CHECK(!found->confirmed);
}
