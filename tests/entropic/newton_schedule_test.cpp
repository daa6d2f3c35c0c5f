#include "entropic/newton_schedule.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace otbridge;

namespace {

// How many iterations of a level that converges by `rate` pass before a Newton step is due; 100 if
// none is among the first 100.
int first_due(NewtonSchedule& schedule, double rate, double tolerance, Index left = 1000) {
  double error = 0.2;
  for (int k = 1; k <= 100; ++k, error *= rate) {
    schedule.observe(error, tolerance, k, left);
    if (schedule.due()) return k;
  }
  return 100;
}

}  // namespace

TEST_CASE("Newton steps come where twelve iterations at the present rate would not end it") {
  // 0.2 rate^(k - 1) falls below 1e-6 soon for a rate of 0.2, and not for one of 0.5 at first.
  NewtonSchedule schedule(true);
  schedule.restart(true);
  CHECK(first_due(schedule, 0.2, 1e-6) == 100);
  schedule.restart(true);
  CHECK(first_due(schedule, 0.5, 1e-6) ==
        5);  // 0.2 / 16 / 4096 > 1e-6, and never among the first 4
  schedule.restart(true);
  CHECK(first_due(schedule, 1.1, 1e-6) == 5);  // the error grows
  schedule.observe(1e-5, 1e-6, 6, 1000);       // fast again, but begun
  CHECK(schedule.due());
  schedule.observe(0.5, 1e-6, 7, 1000);  // too far
  CHECK(!schedule.due());
}

TEST_CASE("no Newton step without leave, before the final temperature, or near the limit") {
  NewtonSchedule never(false), schedule(true);
  never.restart(true);
  CHECK(first_due(never, 0.9, 1e-6) == 100);
  schedule.restart(false);
  CHECK(first_due(schedule, 0.9, 1e-6) == 100);
  schedule.restart(true);
  CHECK(first_due(schedule, 0.9, 1e-6, 12) == 100);
}

TEST_CASE("after a step that failed there is none for twelve iterations") {
  NewtonSchedule schedule(true);
  schedule.restart(true);
  REQUIRE(first_due(schedule, 0.9, 1e-6) == 5);
  schedule.failed(20);
  double error = 0.1;
  for (Index iteration = 21; iteration < 40; ++iteration, error *= 0.95) {
    schedule.observe(error, 1e-9, iteration, 1000);
    CHECK(schedule.due() == (iteration >= 32));
  }
}
