#include "otbridge/plan/sampler.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"

using namespace otbridge;

namespace {

// A generator on [0, T] in this library's time: the stationary process dX = -X/2 dt + dW of N(0, 1)
// and its reversal by a score that is wrong on a window, -(1 + delta) x there in place of -x.
constexpr double kHorizon = 1.6, kFrom = 1.0, kTo = 1.2, kDelta = 0.2;
constexpr Index kSteps = 80;  // of 0.02: both ends of the window are nodes

class WrongScore final : public TransportPlan, public Drift {
 public:
  WrongScore()
      : TransportPlan({Gaussian::isotropic(Vector::Zero(1), 1.0),
                       Gaussian::isotropic(Vector::Zero(1), 1.0), ReferenceProcess(kHorizon)}),
        Drift(1) {}
  std::string_view name() const override { return "wrong"; }
  PlanState state() const override { return {}; }
  const Drift* drift() const override { return this; }
  std::vector<double> trained_times() const override {
    std::vector<double> times;
    for (Index k = 0; k <= kSteps; ++k) times.push_back(static_cast<double>(k) / kSteps);
    return times;
  }

 private:
  Points do_at(double t, ConstPoints x, Direction direction) const override {
    // Rates are per unit of the whole bridge's time, hence the factor kHorizon.
    if (direction == Direction::backward) return -0.5 * kHorizon * x;
    const bool wrong = kHorizon * t > kFrom - 1e-9 && kHorizon * t < kTo - 1e-9;
    return kHorizon * (0.5 - (wrong ? 1.0 + kDelta : 1.0)) * x;
  }
  Points do_sample(ConstPoints x, Direction, const RandomStream&, Index) const override {
    return x;
  }
  Points do_map(ConstPoints x, Direction) const override { return x; }
};

// V' = -(r + delta (1 + r) on the window) V + r from V(0) = 1, piece by piece: the variance at T.
double final_variance(double r) {
  const auto over = [r](double variance, double length, double delta) {
    const double rate = r + delta * (1.0 + r);
    const double fixed = rate > 0.0 ? r / rate : variance;
    return fixed + (variance - fixed) * std::exp(-rate * length);
  };
  return over(over(over(1.0, kFrom, 0.0), kTo - kFrom, kDelta), kHorizon - kTo, 0.0);
}

class NoDrift final : public TransportPlan {
 public:
  NoDrift() : TransportPlan(WrongScore().problem()) {}
  std::string_view name() const override { return "none"; }
  PlanState state() const override { return {}; }

 private:
  Points do_sample(ConstPoints x, Direction, const RandomStream&, Index) const override {
    return x;
  }
  Points do_map(ConstPoints x, Direction) const override { return x; }
};

}  // namespace

// Cao, Chen, Luo, Zhou 2023: a pulse of wrong score early on is forgotten the faster the more noise
// there is, and the ordinary equation keeps it.
TEST_CASE("[full] what becomes of a pulse of wrong score is as its variance equation says") {
  const WrongScore plan;
  // To first order in delta, by the paper's formula for r = 1/4: 1 - 0.22065 delta.
  CHECK((final_variance(0.25) - 1.0) / kDelta == relative(-0.22065, 0.15));

  // Without noise each path is stretched alike: the variance without sampling error. The window
  // shifts by no more than rounding; second order in 0.02 is below 1e-4.
  const auto still = with_sampler(plan, {.noise = 0.0});
  const Points one = still->sample(Points::Ones(1, 1), Direction::forward, RandomStream(1));
  CHECK(std::abs(one(0, 0) * one(0, 0) - final_variance(0.0)) < 5e-4);

  constexpr Index kPaths = 200000;
  const Points start = normal_points(kPaths, 1, RandomStream(4));
  for (const double r : {0.25, 4.0}) {
    CAPTURE(r);
    const Points end =
        with_sampler(plan, {.noise = r})->sample(start, Direction::forward, RandomStream(5));
    const double variance = end.array().square().mean() - end.mean() * end.mean();
    // 3 standard errors of 0.0032 (0.3% false alarms); the pulse moves it by 9 to 14 of them.
    CHECK(std::abs(variance - final_variance(r)) < 3.0 * std::sqrt(2.0 / kPaths));
  }
}

// After the window the score is right again, and 4 Langevin steps of 0.05 after each of the 20
// steps that are left forget what it did: by (1 - 0.05)^160.
TEST_CASE("a corrector repairs the marginal that a pulse of wrong drift has left") {
  const WrongScore plan;
  constexpr Index kPaths = 40000;
  const Points start = normal_points(kPaths, 1, RandomStream(4));
  const auto variance = [&](Index corrections) {
    const Points end = with_sampler(plan, {.noise = 0.0, .corrector = corrections})
                           ->sample(start, Direction::forward, RandomStream(5));
    return end.array().square().mean() - end.mean() * end.mean();
  };
  // 3 standard errors, and the pulse moves the variance by 5.5 of them.
  const double band = 3.0 * std::sqrt(2.0 / kPaths);
  CHECK(std::abs(variance(0) - final_variance(0.0)) < band);
  CHECK(std::abs(final_variance(0.0) - 1.0) > 1.8 * band);
  CHECK(std::abs(variance(4) - 1.0) < band);
}

TEST_CASE("what a sampler cannot do is refused by name") {
  const NoDrift none;
  CHECK_THROWS_WITH_AS(with_sampler(none, {}), "sampler of a plan of none: it has no drift",
                       InvalidInput);
  const WrongScore plan;
  CHECK_THROWS_WITH_AS(with_sampler(plan, {.noise = -0.5}), "noise = -0.5: must be within [0, 100]",
                       InvalidInput);
  CHECK_THROWS_AS(with_sampler(plan, {.noise = std::nan("")}), InvalidInput);
  CHECK_THROWS_AS(with_sampler(plan, {.noise = 0.5, .steps = 1}), InvalidInput);
  CHECK_THROWS_AS(with_sampler(plan, {.noise = 0.5, .steps = -2}), InvalidInput);
  CHECK_THROWS_AS(with_sampler(plan, {.corrector = -1}), InvalidInput);
  CHECK_THROWS_AS(with_sampler(plan, {.map_samples = 0}), InvalidInput);
  CHECK_THROWS_WITH_AS(with_sampler(plan, {.stepper = "euleur"}),
                       "stepper \"euleur\": must be one of euler, heun", InvalidInput);
  CHECK_THROWS_AS(with_sampler(plan, {.steps = 5, .schedule = "cosine"}), InvalidInput);
  const auto noisy = with_sampler(plan, {.noise = 0.5});
  CHECK(noisy->name() == "wrong");
  CHECK(noisy->drift() == nullptr);
  CHECK_THROWS_AS(noisy->state(), InvalidInput);
}
