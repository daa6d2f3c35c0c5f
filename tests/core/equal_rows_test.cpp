// Groups of equal rows, against a comparison of all with all.
#include "core/equal_rows.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "otbridge/core/random.hpp"

using namespace otbridge;

TEST_CASE("equal rows are found wherever they stand") {
  const RandomStream stream(1);
  for (const Index n : {0, 1, 7, 500}) {
    CAPTURE(n);
    Points x(n, 3);
    for (Index i = 0; i < n; ++i) {
      for (Index c = 0; c < 3; ++c) x(i, c) = static_cast<double>(stream.below(4, i, 0, c));
    }
    const EqualRows equal(x);
    std::vector<int> seen(static_cast<std::size_t>(n));
    Index last = 0;
    for (Index k = 0; k < static_cast<Index>(equal.firsts().size()); ++k) {
      const Index first = equal.firsts()[static_cast<std::size_t>(k)];
      std::vector<Index> same;
      for (Index i = 0; i < n; ++i) {
        if (x.row(i) == x.row(first)) same.push_back(i);
      }
      const auto members = equal.members(k);
      CHECK(std::vector<Index>(members.begin(), members.end()) == same);
      for (const Index i : members) ++seen[static_cast<std::size_t>(i)];
      last += static_cast<Index>(members.size());
    }
    CHECK(last == n);
    for (const int times : seen) CHECK(times == 1);
  }
}

TEST_CASE("a batch that is not of finite numbers has a group for every row") {
  for (const double entry : {std::numeric_limits<double>::quiet_NaN(), HUGE_VAL}) {
    const Points x = Points::Constant(5, 2, entry);
    const EqualRows equal(x);
    CHECK(equal.firsts() == std::vector<Index>{0, 1, 2, 3, 4});
    CHECK(equal.members(3).size() == 1);
  }
}
