#include "otbridge/core/chosen_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

using namespace otbridge;

TEST_CASE("chosen rows: ascending, each once, all where there is room") {
  const auto rows = chosen_rows(1000, 100, RandomStream(3));
  REQUIRE(rows.size() == 100);
  CHECK(std::ranges::adjacent_find(rows, std::greater_equal<>()) == rows.end());
  CHECK(rows.front() >= 0);
  CHECK(rows.back() < 1000);
  CHECK(rows == chosen_rows(1000, 100, RandomStream(3)));
  CHECK(rows != chosen_rows(1000, 100, RandomStream(4)));
  CHECK(chosen_rows(3, 5, RandomStream(3)) == std::vector<Index>{0, 1, 2});
  CHECK(chosen_rows(0, 5, RandomStream(3)).empty());
}

// 400 draws of 10 out of 40: each row 100 times on average, deviation sqrt(400 / 4 * 3 / 4) = 8.7;
// beyond 5 deviations one of 40 rows lies by chance with probability 2e-5.
TEST_CASE("chosen rows: each row is as likely as any other") {
  std::vector<int> counts(40);
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    for (const Index row : chosen_rows(40, 10, RandomStream(seed))) ++counts[to_size(row)];
  }
  for (const int count : counts) CHECK(std::abs(count - 100) < 44);
}
