// AnswerTime by a clock that the test turns: each look at it takes one second.
#include "entropic/answer_time.hpp"

#include <doctest/doctest.h>

#include "problems.hpp"

using namespace otbridge;

namespace {

constexpr double kTruncation = 1e-9;

struct Fixture {
  DiscreteProblem whole;
  PrecisionPolicy policy{PrecisionChoice::automatic};
  DualIterate iterate;
  double seconds = 0.0;
  AnswerTime time;

  explicit Fixture(Index dimension, bool clock = true)
      : whole(clustered_problem(64, 32, dimension)),
        iterate(whole, nullptr, kTruncation),
        time(clock ? [this] { return seconds += 1.0; } : std::function<double()>(), whole, 0.1) {}

  void enter(double s2, Index group) {
    const Level level{.s2 = s2, .group = group, .tolerance = 0.0};
    iterate.enter(level, policy);
    time.enter(level, iterate, kTruncation);
  }
};

}  // namespace

TEST_CASE("a sweep over coarse clouds tells how long one over the whole ones takes") {
  Fixture test(9);
  test.enter(100.0, 2);  // a second for a quarter of the pairs; two such sweeps may be a step
  CHECK(test.time.estimate(0) == 2.0);
  CHECK(test.time.estimate(3) == 2.0 + 3 * 4.0);
  test.enter(0.1, 1);  // what is known is not measured again
  CHECK(test.time.estimate(1) == 2 * 4.0 + 4.0);
}

TEST_CASE("a step may take as long as the longest of its level") {
  Fixture test(9);
  test.enter(0.1, 2);
  test.time.next_step();
  CHECK(test.time.estimate(0) == 2.0);
  test.seconds += 10.0;
  test.time.next_step();
  CHECK(test.time.estimate(0) == 11.0);
  test.seconds += 100.0;
  test.time.skip();
  test.time.next_step();
  CHECK(test.time.estimate(0) == 11.0);
  test.enter(0.1, 1);
  CHECK(test.time.estimate(0) == 2 * 4.0);
}

TEST_CASE("in few dimensions hot coarse levels tell nothing, and later ones tell more") {
  Fixture test(2);
  test.enter(1.0, 4);
  CHECK(test.time.estimate(3) == 0.0);
  test.enter(0.2, 4);
  CHECK(test.time.estimate(1) == 1.0 + 16.0);
  test.enter(0.1, 2);
  CHECK(test.time.estimate(1) == 1.0 + 4.0);
  test.enter(0.1, 1);
  CHECK(test.time.estimate(1) == 4.0 + 4.0);
  Fixture whole(2);
  whole.enter(1.0, 1);
  CHECK(whole.time.estimate(1) == 1.0 + 1.0);
}

TEST_CASE("without a clock nothing is timed") {
  Fixture test(9, false);
  test.enter(0.1, 2);
  test.time.next_step();
  CHECK(test.time.estimate(3) == 0.0);
}
