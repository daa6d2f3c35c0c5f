#include "entropic/levels.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../relative.hpp"
#include "problems.hpp"

using namespace otbridge;

namespace {

std::vector<Level> all_levels(const DiscreteProblem& problem, double s2, double scaling,
                              double tolerance = 1e-6) {
  LevelSequence levels(Coarsening(problem), s2, scaling, tolerance);
  std::vector<Level> all;
  while (const auto level = levels.next()) all.push_back(*level);
  CHECK(!levels.next());  // the end stays the end
  return all;
}

}  // namespace

TEST_CASE("temperatures fall by the factor given, however near 1 it is") {
  const DiscreteProblem p = clustered_problem(300, 400, 2);
  for (const double scaling : {0.25, 0.5, 0.95, 0.97, 0.999}) {
    CAPTURE(scaling);
    const std::vector<Level> levels = all_levels(p, 1e-3, scaling);
    std::size_t warm = 0;
    while (levels[warm].s2 > 1e-3) ++warm;
    REQUIRE(warm > 1);
    for (std::size_t k = 1; k < warm; ++k) {
      CHECK(levels[k].s2 == relative(scaling * levels[k - 1].s2, 1e-15));
    }
    // Down to where one more factor passes 1.2 s^2.
    CHECK(levels[warm - 1].s2 > 1.2e-3);
    CHECK(scaling * levels[warm - 1].s2 <= 1.2e-3);
  }
}

TEST_CASE("levels are on clouds no finer than the temperature tells, and end on the whole ones") {
  const DiscreteProblem p = clustered_problem(3000, 4000, 2);
  const double s2 = 1e-3;
  const std::vector<Level> levels = all_levels(p, s2, 0.5);
  const Coarsening clouds(p);
  REQUIRE(levels.front().group > 1);
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const Level& level = levels[k];
    CAPTURE(k);
    CHECK(level.last == (k + 1 == levels.size()));
    if (k > 0) CHECK(level.group <= levels[k - 1].group);
    if (level.s2 == s2) continue;
    // Groups of twice the size would blur what s^2 / 4 resolves, or leave less than 64 of them.
    CHECK(clouds.variance(level.group) <= 0.25 * level.s2);
    CHECK((clouds.variance(2 * level.group) > 0.25 * level.s2 || 3000 / (2 * level.group) < 64));
  }
  CHECK(levels.back().group == 1);
  CHECK(levels.back().s2 == s2);
  CHECK(levels.back().tolerance == 1e-6);
}

TEST_CASE("a factor of 1, and a temperature beyond the hottest, leave the last level only") {
  const DiscreteProblem p = clustered_problem(40, 30, 2);
  for (const auto& levels : {all_levels(p, 1e-4, 1.0), all_levels(p, 1e6, 0.5)}) {
    REQUIRE(levels.size() == 1);
    CHECK(levels[0].last);
    CHECK(levels[0].group == 1);
  }
}
