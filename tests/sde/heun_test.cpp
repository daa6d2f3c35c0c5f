#include <doctest/doctest.h>

#include <algorithm>
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

TEST_CASE("with noise the moments of the Ornstein-Uhlenbeck process, far nearer than Euler's") {
  // Exact moments of ten steps of Euler: mean 0.052 below the process's, variance 0.024 above.
  // Standard errors of 400000 paths: 0.0008 and 0.0006.
  const ReferenceProcess reference(kEpsilon, kTheta);
  const Points end =
      simulate_chain(StepGrid::uniform(10), reversion, Points::Constant(400000, 1, 2.0),
                     Direction::forward, {kEpsilon, RandomStream(3)}, {}, kHeun);
  const double mean = end.mean();
  CHECK(std::abs(mean - 2.0 * reference.endpoint_decay()) < 0.052 / 4);
  const double variance = (end.array() - mean).square().mean();
  CHECK(std::abs(variance - reference.endpoint_variance()) < 0.024 / 3);
}

// From one point, by the drift of the Brownian bridge onto N(c, v): at t the mean is on the
// straight line, the variance epsilon t (1 - t + v / epsilon) / (1 + v / epsilon), whatever the
// steps.
TEST_CASE("long steps of a bridge onto a law of any width have its law, either way") {
  constexpr Index kPaths = 200000;
  const double center = 3.0;
  for (const double width : {0.0, 0.02, 1.0, 25.0}) {
    for (const auto direction : {Direction::forward, Direction::backward}) {
      CAPTURE(width);
      CAPTURE(direction);
      const auto gone = [&](double t) { return direction == Direction::forward ? t : 1.0 - t; };
      const double extent = width / kEpsilon;
      const auto drift = [&](double t, ConstPoints x) -> Points {
        return (center - x.array()) / (1.0 + extent - gone(t));
      };
      const StepGrid grid = StepGrid::triangular(5);
      const auto law = [&](const ChainStep& step) {
        if (step.number == grid.steps() - 1) return;  // Euler's
        const double t = gone(grid.time(step.to));
        const double variance = kEpsilon * t * (1.0 + extent - t) / (1.0 + extent);
        const double mean = step.arrival.mean();
        const double found = (step.arrival.array() - mean).square().mean();
        CHECK(std::abs(mean - center * t / (1.0 + extent)) < 4.0 * std::sqrt(variance / kPaths));
        CHECK(found == relative(variance, 4.0 * std::sqrt(2.0 / kPaths)));
      };
      simulate_chain(grid, drift, Points::Zero(kPaths, 1), direction, {kEpsilon, RandomStream(4)},
                     law, kHeun);
    }
  }
}

// Narrow along one axis and wide along the other: what a step takes off one leaves the other alone.
TEST_CASE("in the plane the kick is contracted along the way that it is pulled back") {
  constexpr Index kPaths = 200000;
  const Eigen::Matrix2d axes{{std::cos(0.7), -std::sin(0.7)}, {std::sin(0.7), std::cos(0.7)}};
  const auto drift = [&](double t, ConstPoints x) -> Points {
    Points along = x * axes;
    along.col(0) /= -(1.0 - t);
    along.col(1).setZero();
    return along * axes.transpose();
  };
  const StepGrid grid = StepGrid::uniform(4);
  simulate_chain(
      grid, drift, Points::Zero(kPaths, 2), Direction::forward, {kEpsilon, RandomStream(5)},
      [&](const ChainStep& step) {
        if (step.number == grid.steps() - 1) return;
        const double t = grid.time(step.to);
        const Points along = step.arrival * axes;
        const double tolerance = 4.0 * std::sqrt(2.0 / kPaths);
        CHECK(along.col(0).squaredNorm() / kPaths == relative(kEpsilon * t * (1 - t), tolerance));
        CHECK(along.col(1).squaredNorm() / kPaths == relative(kEpsilon * t, tolerance));
      },
      kHeun);
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
          const double other = std::sqrt(kEpsilon * h) * noise.stream.normal(12, step.number, 0),
                       before = (from - kTheta) * at(2, 0),
                       after = (to - kTheta) * (at(2, 0) + h * before + other);
          // Both components of the row say how far the kick is pulled back.
          const double change[] = {step.number == 1 ? 0.0 : after - before, arriving - slope};
          const double against = -(change[0] * other + change[1] * kick);
          const double pull = h * (change[0] * change[0] + change[1] * change[1]);
          const double left = direction == Direction::forward ? 1.0 - to : to;
          const double u = against > 0.0 ? std::min(pull / against, h / left) : 0.0;
          const double weight = u > 0.0 ? (1.0 - 1.0 / std::sqrt(1.0 + u)) / u : 0.5;
          const double mean = x + h * slope + h * weight * change[1];
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
