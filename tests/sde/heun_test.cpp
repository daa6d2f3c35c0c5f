#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/reference/reference.hpp"
#include "reversion.hpp"
#include "sde/chain.hpp"

using namespace otbridge;

namespace {

const ChainMethod kHeun{.stepper = Stepper::heun};

}  // namespace

TEST_CASE("without noise the error falls by four with half the step, either way") {
  // dx/dt = cos(t) x grows by exp(sin(1)) from 0 to 1, and as much in reversed time, where
  // the drift is read at the same t.
  const double exact = std::exp(std::sin(1.0));
  const auto drift = [](double t, ConstPoints x) -> Points { return std::cos(t) * x; };
  for (const auto direction : {Direction::forward, Direction::backward}) {
    double error[2];
    for (const int level : {0, 1}) {
      const Points end =
          simulate_chain(StepGrid::uniform(level == 0 ? 40 : 80), drift, Points::Ones(1, 1),
                         direction, {0.0, RandomStream(1)}, {}, kHeun);
      error[level] = std::abs(end(0, 0) - exact);
    }
    CHECK(error[1] < 3e-4);
    CHECK(error[0] / error[1] == relative(4.0, 0.08));
  }
}

TEST_CASE("with noise the moments of the Ornstein-Uhlenbeck process, to second order") {
  // Exact moments of this chain of 9 steps of Heun and one of Euler: mean 0.0030 below the
  // process's, variance 0.0051 above; Euler's alone are 0.052 below and 0.024 above. Standard
  // errors of 400000 paths: 0.0008 and 0.0006.
  const ReferenceProcess reference(kEpsilon, kTheta);
  const Points end =
      simulate_chain(StepGrid::uniform(10), reversion, Points::Constant(400000, 1, 2.0),
                     Direction::forward, {kEpsilon, RandomStream(3)}, {}, kHeun);
  const double mean = end.mean();
  CHECK(std::abs(mean - 2.0 * reference.endpoint_decay() + 0.0030) < 4 * 0.0008);
  const double variance = (end.array() - mean).square().mean();
  CHECK(std::abs(variance - reference.endpoint_variance() - 0.0051) < 4 * 0.0006);
}

TEST_CASE("a step of Heun by hand, and what its visitor sees") {
  const StepGrid grid({0.0, 0.25, 1.0});
  const ChainNoise noise{kEpsilon, RandomStream(2), 10};
  // Linear in the time as well, so that a wrong time shows.
  const auto drift = [](double t, ConstPoints x) -> Points { return (t - kTheta) * x; };
  for (const auto direction : {Direction::forward, Direction::backward}) {
    Points at = normal_points(4, 2, RandomStream(1));
    const Points start = at;
    const Points end = simulate_chain(
        grid, drift, start, direction, noise,
        [&](const ChainStep& step) {
          CHECK(step.departure == at);
          const double from = grid.time(step.from), to = grid.time(step.to), h = step.length;
          const double kick =
              std::sqrt(kEpsilon * h) * noise.stream.normal(12, step.number, 1);  // of row 2
          const double x = at(2, 1), slope = (from - kTheta) * x;
          const double predicted = x + h * slope + kick;
          // The last step asks for no drift at the far end.
          const double arriving = step.number == 1 ? slope : (to - kTheta) * predicted;
          const double mean = x + h / 2 * (slope + arriving);
          CHECK(std::abs(step.mean(2, 1) - mean) < 1e-14);
          CHECK(std::abs(step.arrival(2, 1) - mean - kick) < 1e-14);
          at = step.arrival;
        },
        kHeun);
    CHECK(end == at);
  }
}

TEST_CASE("a row of Heun depends on its number only, not on batch or threads") {
  const Points x = normal_points(700, 2, RandomStream(1));
  const auto run = [&](Index begin, Index count) {
    return simulate_chain(StepGrid::uniform(6), reversion, x.middleRows(begin, count),
                          Direction::backward, {kEpsilon, RandomStream(2), begin}, {}, kHeun);
  };
  const Points whole = run(0, 700);
  CHECK(run(300, 77) == whole.middleRows(300, 77));
  for (const int threads : {1, 2, 5}) {
    const ThreadScope scope(threads);
    CHECK(run(0, 700) == whole);
  }
}

TEST_CASE("steppers go by their names") {
  CHECK(named_stepper("euler") == Stepper::euler);
  CHECK(named_stepper("heun") == Stepper::heun);
  CHECK_THROWS_WITH_AS(named_stepper("rk4"), "stepper \"rk4\": must be one of euler, heun",
                       InvalidInput);
}
