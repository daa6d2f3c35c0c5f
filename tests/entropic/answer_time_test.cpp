// AnswerTime by a clock that the test turns: each look at it takes one second.
#include "entropic/answer_time.hpp"

#include <doctest/doctest.h>

#include "problems.hpp"

using namespace otbridge;

namespace {

constexpr double kTruncation = 1e-9;

struct Fixture {
  DiscreteProblem whole;
  Coarsening clouds;
  PrecisionPolicy policy{PrecisionChoice::automatic};
  DualIterate iterate;
  double seconds = 0.0;
  AnswerTime time;

  explicit Fixture(Index dimension, Index points = 64, bool clock = true)
      : whole(clustered_problem(points, points, dimension)),
        clouds(whole),
        iterate(clouds, nullptr, kTruncation),
        time(clock ? [this] { return seconds += 1.0; } : std::function<double()>(), whole, 0.1) {}

  Level enter(double s2, Index group) {
    const Level level{.s2 = s2, .group = group, .tolerance = 0.0};
    iterate.enter(level, policy);
    time.enter(level, iterate, kTruncation);
    return level;
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

TEST_CASE("in few dimensions hot coarse levels tell nothing, later ones do, small ones never") {
  Fixture test(2, 4096);
  test.enter(1.0, 2);
  CHECK(test.time.estimate(3) == 0.0);
  test.enter(0.2, 2);
  CHECK(test.time.estimate(1) == 1.0 + 4.0);
  test.seconds += 1e6;
  test.enter(0.1, 4);  // 2^20 pairs, gone before a thread has begun: what is known stays
  CHECK(test.time.estimate(1) == 0.25 + 4.0);
  test.enter(0.1, 1);
  CHECK(test.time.estimate(1) == 4.0 + 4.0);
  CHECK(test.time.estimate(1, 2) == 2 * 4.0 + 4.0);
  Fixture whole(2);
  whole.enter(1.0, 1);
  CHECK(whole.time.estimate(1) == 1.0 + 1.0);
}

TEST_CASE(
    "before whole clouds are entered, at whatever temperature, the coarse ones tell of them") {
  Fixture test(2, 4096);
  const Level hot = test.enter(1.0, 2);
  test.time.leave(hot, {.s2 = 0.5, .group = 2, .tolerance = 0.0}, test.iterate, kTruncation);
  CHECK(test.time.estimate(1) == 0.0);
  test.time.leave(hot, {.s2 = 0.5, .group = 1, .tolerance = 0.0}, test.iterate, kTruncation);
  // Potentials carried over half of all pairs, a step over all, and what is asked for.
  CHECK(test.time.estimate(1) == 0.5 * 4.0 + 4.0 + 4.0);
  test.enter(0.5, 1);
  CHECK(test.time.estimate(1) == 4.0 + 4.0);
  Fixture small(2);
  const Level level = small.enter(1.0, 2);
  small.time.leave(level, {.s2 = 0.5, .group = 1, .tolerance = 0.0}, small.iterate, kTruncation);
  CHECK(small.time.estimate(1) == 0.0);
}

TEST_CASE("without a clock nothing is timed") {
  Fixture test(9, 64, false);
  test.enter(0.1, 2);
  test.time.next_step();
  CHECK(test.time.estimate(3) == 0.0);
}
