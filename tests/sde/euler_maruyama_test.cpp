#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/reference/reference.hpp"
#include "reversion.hpp"
#include "sde/chain.hpp"

using namespace otbridge;

// From one start the end of an Euler chain for the OU process is Gaussian; its mean and variance
// are estimated against the reference's transition. The errors of both must fall by half with the
// step.
TEST_CASE("weak order one on the Ornstein-Uhlenbeck process") {
  constexpr Index kPaths = 200000;
  const ReferenceProcess reference(kEpsilon, kTheta);
  const Points start = Points::Constant(kPaths, 1, 2.0);
  double mean_error[2], variance_error[2];
  for (const int level : {0, 1}) {
    const Points end = simulate_chain(StepGrid::uniform(level == 0 ? 5 : 10), reversion, start,
                                      Direction::forward, {kEpsilon, RandomStream(3)});
    const double mean = end.mean();
    mean_error[level] = mean - 2.0 * reference.endpoint_decay();
    variance_error[level] = (end.array() - mean).square().mean() - reference.endpoint_variance();
  }
  // Exact Euler moments: mean errors -0.110, -0.052 (ratio 2.1), variance errors 0.0515, 0.0237
  // (ratio 2.17). Sampling moves the ratios by 2.5% and 4%; 5 standard deviations fit in the bands.
  CHECK(mean_error[0] / mean_error[1] == relative(2.1, 0.125));
  CHECK(variance_error[0] / variance_error[1] == relative(2.17, 0.2));
}

TEST_CASE("a step adds the draw of its row and step to the mean") {
  const Points mean = normal_points(5, 3, RandomStream(1));
  const RandomStream stream(4);
  const Points next = arrive(mean, kEpsilon * 0.2, 7, {kEpsilon, stream, 100});
  const double expected = mean(2, 1) + std::sqrt(kEpsilon * 0.2) * stream.normal(102, 7, 1);
  CHECK(next(2, 1) == relative(expected, 1e-15));

  ChainNoise antithetic{kEpsilon, stream, 100};
  antithetic.sign = -1.0;
  const Points mirror = arrive(mean, kEpsilon * 0.2, 7, antithetic);
  CHECK((next + mirror - 2.0 * mean).cwiseAbs().maxCoeff() < 1e-14);

  const std::vector<Index> rows{103, 103, 5, 6, 7};
  const Points chosen = arrive(mean, kEpsilon * 0.2, 7, {kEpsilon, stream, 0, rows});
  CHECK(((chosen - mean).row(0) - (chosen - mean).row(1)).cwiseAbs().maxCoeff() < 1e-14);
  CHECK(chosen(1, 2) ==
        relative(mean(1, 2) + std::sqrt(kEpsilon * 0.2) * stream.normal(103, 7, 2), 1e-14));
}

TEST_CASE("backward chains run from 1 to 0 and see the time they leave") {
  const StepGrid grid({0.0, 0.25, 1.0});
  std::vector<double> seen;
  const auto drift = [&](double t, ConstPoints x) -> Points {
    seen.push_back(t);
    return Points::Ones(x.rows(), x.cols());
  };
  std::vector<Index> nodes;
  std::vector<double> lengths;
  const Points end = simulate_chain(grid, drift, Points::Zero(1, 1), Direction::backward,
                                    {0.0, RandomStream(1)}, [&](const ChainStep& step) {
                                      CHECK(step.number == static_cast<Index>(nodes.size()));
                                      CHECK(step.from == step.to + 1);
                                      nodes.push_back(step.to);
                                      lengths.push_back(step.length);
                                    });
  CHECK(seen == std::vector<double>{1.0, 0.25});
  CHECK(nodes == std::vector<Index>{1, 0});
  CHECK(lengths == std::vector<double>{0.75, 0.25});
  CHECK(end(0, 0) == relative(1.0, 1e-15));
}

TEST_CASE("a visitor sees departure, mean and arrival of every step, each where the last arrived") {
  const Points start = normal_points(6, 2, RandomStream(1));
  const StepGrid grid({0.0, 0.25, 0.375, 1.0});  // lengths that are exact
  const ChainNoise noise{kEpsilon, RandomStream(2)};
  for (const auto direction : {Direction::forward, Direction::backward}) {
    Points at = start;
    const Points end =
        simulate_chain(grid, reversion, start, direction, noise, [&](const ChainStep& step) {
          CHECK(step.length == std::abs(grid.time(step.to) - grid.time(step.from)));
          CHECK(step.departure == at);
          // The Euler mean by hand, and the noise of this step on it.
          const Points mean = (1.0 - kTheta * step.length) * at;
          CHECK((step.mean - mean).cwiseAbs().maxCoeff() < 1e-14);
          const double z = noise.stream.normal(3, step.number, 1);
          CHECK(step.arrival(3, 1) ==
                relative(step.mean(3, 1) + std::sqrt(kEpsilon * step.length) * z, 1e-14));
          at = step.arrival;
        });
    CHECK(end == at);
  }
}

TEST_CASE("a last step without noise arrives at its mean, whichever the stepper") {
  const StepGrid grid({0.0, 0.25, 1.0});
  const ChainNoise noise{kEpsilon, RandomStream(2)};
  const Points start = normal_points(4, 2, RandomStream(1));
  for (const auto stepper : {Stepper::euler, Stepper::heun}) {
    const auto check = [&](const ChainStep& step) {
      CHECK((step.arrival == step.mean) == (step.number == 1));
    };
    simulate_chain(grid, reversion, start, Direction::backward, noise, check,
                   {.stepper = stepper, .denoise_last = true});
  }
}

TEST_CASE(
    "a corrector sees every arrival but the last, at its time, and the chain goes on from it") {
  const StepGrid grid({0.0, 0.25, 0.5, 1.0});
  std::vector<double> times;
  const ChainMethod halved{.correct = [&](double t, ConstPoints x, Index j, const ChainNoise&) {
    CHECK(j == static_cast<Index>(times.size()));
    times.push_back(t);
    return Points(0.5 * x);
  }};
  const auto push = [](double, ConstPoints x) -> Points {
    return Points::Ones(x.rows(), x.cols());
  };
  const Points end = simulate_chain(grid, push, Points::Zero(1, 1), Direction::forward,
                                    {0.0, RandomStream(1)}, {}, halved);
  CHECK(times == std::vector<double>{0.25, 0.5});
  // ((0 + 1/4) / 2 + 1/4) / 2 + 1/2.
  CHECK(end(0, 0) == 0.6875);
}

TEST_CASE("a row depends on its number only, not on batch or threads") {
  const Points x = normal_points(700, 2, RandomStream(1));
  const StepGrid grid = StepGrid::uniform(6);
  const auto run = [&](Index begin, Index count) {
    return simulate_chain(grid, reversion, x.middleRows(begin, count), Direction::forward,
                          {kEpsilon, RandomStream(2), begin});
  };
  const Points whole = run(0, 700);
  CHECK(run(300, 77) == whole.middleRows(300, 77));
  for (const int threads : {1, 2, 5}) {
    const ThreadScope scope(threads);
    CHECK(run(0, 700) == whole);
  }
}
