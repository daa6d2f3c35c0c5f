// The marginals of a plan under another noise than the bridge's: against closed forms of Gaussian
// bridges, and the promises of every plan.
#include "otbridge/plan/sampler.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "../dense.hpp"
#include "../relative.hpp"
#include "measure/sliced_distance.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/known/known_problem.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/mixture.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "sde/langevin.hpp"
#include "subject.hpp"

using namespace otbridge;
using namespace otbridge::conformance;

namespace {

// Two Gaussian laws whose covariances commute: the same axes, other variances along them.
struct CommutingPair {
  explicit CommutingPair(double theta) : reference(0.7, theta) {
    axes << std::cos(0.4), -std::sin(0.4), std::sin(0.4), std::cos(0.4);
    mean << 0.5, -1.0, 2.0, 1.0;
    variance << 1.0, 0.5, 0.3, 2.0;
    solution = solve_gaussian({law(0), law(1), reference});
  }

  Matrix covariance(Index end) const {
    return axes * variance.row(end).asDiagonal() * axes.transpose();
  }
  Gaussian law(Index end) const { return {mean.row(end), covariance(end)}; }
  // x_1 = m_1 + S_1^{1/2} S_0^{-1/2} (x_0 - m_0), or its inverse: what the velocity, affine and
  // symmetric along the axes at all times, does between the two laws.
  Points ode_map(const Points& x, Direction direction) const {
    const Index from = direction == Direction::forward ? 0 : 1, to = 1 - from;
    const Vector stretch = (variance.row(to).array() / variance.row(from).array()).sqrt();
    const Matrix matrix = axes * stretch.asDiagonal() * axes.transpose();
    return ((x.rowwise() - mean.row(from)) * matrix).rowwise() + mean.row(to);
  }
  const TransportPlan& plan() const { return *solution.plan; }

  ReferenceProcess reference;
  Matrix axes{2, 2}, mean{2, 2}, variance{2, 2};  // of the laws: a row each
  Solution solution;
};

// One dimension, N(0.3, 1) to N(-0.5, 2.25), where a chain is affine in its start and in its draws:
// from as many rows as there are unknowns its law is known without a sampling error.
constexpr double kLineEpsilon = 0.7, kM0 = 0.3, kS0 = 1.0, kM1 = -0.5, kS1 = 2.25;

struct AffineEnd {
  double offset, slope;  // X_1 = offset + slope X_0 + gains . Z
  Vector gains;

  double mean() const { return offset + slope * kM0; }
  double variance() const { return slope * slope * kS0 + gains.squaredNorm(); }
};

// Forward; `draws` are those of the steps.
AffineEnd affine_end(const TransportPlan& chain, Index draws) {
  const Index n = draws + 2;
  const Points start = normal_points(n, 1, RandomStream(10));
  const RandomStream stream(11);
  Matrix unknowns(n, n);
  for (Index i = 0; i < n; ++i) {
    unknowns(i, 0) = 1.0;
    unknowns(i, 1) = start(i, 0);
    for (Index j = 0; j < draws; ++j) unknowns(i, 2 + j) = stream.normal(i, j, 0);
  }
  const Vector found =
      testing::dense_solve(unknowns, chain.sample(start, Direction::forward, stream)).col(0);
  return {found[0], found[1], found.tail(draws)};
}

TransportProblem line_pair() {
  return {Gaussian(Vector{{kM0}}, Matrix{{kS0}}), Gaussian(Vector{{kM1}}, Matrix{{kS1}}),
          ReferenceProcess(kLineEpsilon)};
}

// E|X_1 of the chain - X_1 of the bridge driven by the same Brownian motion|^2. X_1 is Phi(0) X_0 +
// sqrt(eps) int Phi(s) dW plus a constant, Phi(s) = Cov(X_s, X_1) / Var(X_s), and the chain has in
// place of sqrt(eps) Phi its gain over the root of the step, uniform steps given.
double strong_squared_error(const AffineEnd& chain) {
  const Index n = chain.gains.size();
  const double cross = gaussian_coupling(Vector{{kM0}}, Matrix{{kS0}}, Vector{{kM1}}, Matrix{{kS1}},
                                         ReferenceProcess(kLineEpsilon))
                           .cross(0, 0);
  const auto phi = [&](double s) {
    const double variance = (1 - s) * (1 - s) * kS0 + s * s * kS1 + 2 * s * (1 - s) * cross +
                            kLineEpsilon * s * (1 - s);
    return ((1 - s) * cross + s * kS1) / variance;
  };
  const double start = (chain.slope - phi(0.0)) * (chain.slope - phi(0.0)) * kS0;
  double noise = 0.0;
  constexpr int kParts = 20;  // midpoints within a step
  for (Index k = 0; k < n; ++k) {
    const double gain = chain.gains[k] * std::sqrt(static_cast<double>(n));
    for (int i = 0; i < kParts; ++i) {
      const double s = (static_cast<double>(k) + (i + 0.5) / kParts) / static_cast<double>(n);
      const double off = std::sqrt(kLineEpsilon) * phi(s) - gain;
      noise += off * off / (kParts * static_cast<double>(n));
    }
  }
  const double mean = chain.mean() - kM1;
  return start + mean * mean + noise;
}

double most(const Points& difference) { return difference.cwiseAbs().maxCoeff(); }

Matrix covariance_of(const Points& x) {
  const Points centred = x.rowwise() - x.colwise().mean();
  return centred.transpose() * centred / static_cast<double>(x.rows());
}

}  // namespace

TEST_CASE("without noise a Gaussian bridge is the affine monotone map, to second order") {
  for (const double theta : {0.0, 0.8}) {
    const CommutingPair pair(theta);
    const Points x = normal_points(20, 2, RandomStream(1));
    for (const auto direction : kBoth) {
      std::array<double, 2> error{}, loop{};
      for (const std::size_t level : {0U, 1U}) {
        const auto still =
            with_sampler(pair.plan(), {.noise = 0.0, .steps = level == 0 ? 50 : 100});
        const Points y = still->sample(x, direction, RandomStream(2));
        // No draw enters.
        CHECK(y == still->sample(x, direction, RandomStream(3)));
        CHECK(y == still->map(x, direction));
        error[level] = most(y - pair.ode_map(x, direction));
        loop[level] = most(still->map(y, opposite(direction)) - x);
      }
      CHECK(error[1] < 1e-3);
      CHECK(error[0] / error[1] == relative(4.0, 0.15));
      // Forward, then backward.
      CHECK(loop[1] < 1e-3);
      CHECK(loop[0] / loop[1] > 3.4);
    }
  }
}

TEST_CASE("marginals of a Gaussian bridge do not depend on the noise, its coupling does") {
  constexpr Index kPaths = 5000;
  const CommutingPair pair(0.8);
  const GaussianCoupling coupling = gaussian_coupling(
      pair.mean.row(0), pair.covariance(0), pair.mean.row(1), pair.covariance(1), pair.reference);
  for (const auto direction : kBoth) {
    const bool forward = direction == Direction::forward;
    const Points x = pair.plan().problem().start(direction)->sample(kPaths, RandomStream(6));
    for (const double r : {0.0, 0.5, 2.0}) {
      CAPTURE(r);
      const auto noisy = with_sampler(pair.plan(), {.noise = r, .steps = 20});
      const std::vector<double> times =
          forward ? std::vector<double>{0.4, 1.0} : std::vector<double>{0.0, 0.4};
      const Paths paths = noisy->sample_paths(x, times, direction, RandomStream(7));
      for (std::size_t k = 0; k < 2; ++k) {
        const GaussianMarginal exact = gaussian_marginal(coupling, pair.reference, times[k]);
        // Variances are at most 2: standard errors of 0.02 and 0.04 at most, 4 of them and
        // 0.005 for the steps. 24 means and 36 variances and covariances: 0.4% false alarms.
        CHECK((Vector(paths.at[k].colwise().mean()) - exact.mean).cwiseAbs().maxCoeff() <
              4 * 0.02 + 0.005);
        CHECK((covariance_of(paths.at[k]) - exact.covariance).cwiseAbs().maxCoeff() <
              4 * 0.04 + 0.005);
      }
      // The ends are tied closer without noise and less with more of it.
      const Points& y = paths.at[forward ? 1 : 0];
      const Points both = (x.rowwise() - x.colwise().mean());
      const double tied = (both.transpose() * (y.rowwise() - y.colwise().mean())).trace() / kPaths;
      const double schroedinger = coupling.cross.trace();
      CHECK((r < 1.0 ? tied - schroedinger : schroedinger - tied) > 0.05);
    }
  }
}

TEST_CASE("halved steps: weak error by 2 with euler and 4 with heun, strong error by 2") {
  const Solution solution = solve_gaussian(line_pair());
  for (const int order : {1, 2}) {
    const char* const stepper = order == 1 ? "euler" : "heun";
    CAPTURE(stepper);
    for (const double r : {1.0, 2.0}) {
      CAPTURE(r);
      std::array<double, 2> variance_error{}, strong_error{};
      for (const std::size_t level : {0U, 1U}) {
        const Index steps = level == 0 ? 40 : 80;
        const auto chain =
            with_sampler(*solution.plan,
                         {.noise = r, .stepper = stepper, .steps = steps, .schedule = "uniform"});
        const AffineEnd end =
            affine_end(*chain, steps * static_cast<Index>(r));  // a step is cut in r
        // The mean path is straight, and so is every chain's.
        CHECK(std::abs(end.mean() - kM1) < 5e-4);
        variance_error[level] = end.variance() - kS1;
        strong_error[level] = std::sqrt(strong_squared_error(end));
      }
      CAPTURE(variance_error[1]);
      CHECK(std::abs(variance_error[1]) < (order == 1 ? 0.05 : 2e-3));
      CHECK(variance_error[0] / variance_error[1] == relative(std::pow(2.0, order), 0.1));
      // The equation of more noise has another solution for the same motion.
      if (r == 1.0) CHECK(strong_error[0] / strong_error[1] == relative(2.0, 0.1));
    }
  }
}

TEST_CASE("without the noise of the last step the end has that variance less") {
  const Solution solution = solve_gaussian(line_pair());
  constexpr Index kSteps = 10;
  SamplerSettings settings{.stepper = "euler", .steps = kSteps, .schedule = "uniform"};
  const AffineEnd noisy = affine_end(*with_sampler(*solution.plan, settings), kSteps);
  settings.denoise_last = true;
  // One unknown less: the last draw has no part.
  const AffineEnd still = affine_end(*with_sampler(*solution.plan, settings), kSteps - 1);
  CHECK(noisy.variance() - still.variance() == relative(kLineEpsilon / kSteps, 1e-9));
  CHECK(noisy.mean() == relative(still.mean(), 1e-9));
}

// Draws of p_t of a bridge that is no Gaussian, moved on by its score alone for 40 steps.
TEST_CASE("a corrector alone leaves the law of a known bridge where it is") {
  const Mixture target(Vector{{1.0, 2.0}},
                       {Gaussian::isotropic(Vector{{-1.0, 1.0}}, 0.3),
                        Gaussian(Vector{{1.0, 0.5}}, Matrix{{0.3, 0.1}, {0.1, 0.2}})});
  const TransportProblem problem =
      blurred_problem(target, ReferenceProcess(0.5), 1.0, Vector::Zero(2));
  const Solution truth = solve_truth(problem);
  constexpr Index kPaths = 4000, kMoves = 40;
  constexpr double kTime = 0.6;
  const auto draws = [&](std::uint64_t seed) {
    const Points x = problem.source()->sample(kPaths, RandomStream(seed));
    return truth.plan
        ->sample_paths(x, std::vector<double>{kTime}, Direction::forward, RandomStream(seed + 1))
        .at[0];
  };
  const auto score = [&](ConstPoints x) -> Points {
    const Drift& drift = *truth.plan->drift();
    return (drift.at(kTime, x, Direction::forward) + drift.at(kTime, x, Direction::backward)) / 0.5;
  };
  const Points start = draws(20);
  const LangevinSize size =
      langevin_size(score(start).squaredNorm() / static_cast<double>(kPaths), 2);
  const auto moved = [&](Points x) {
    for (Index j = 0; j < kMoves; ++j)
      x = langevin_step(x, score(x), size, j, {0.0, RandomStream(22)});
    return x;
  };
  const auto distance = [&](const Points& x, const Points& y) {
    return std::sqrt(sliced_squared_distance(x, y, 64, RandomStream(23)));
  };
  const Points fresh = draws(30);
  const double floor = distance(draws(40), fresh);
  const Points after = moved(start);
  CAPTURE(floor);
  CHECK(distance(after, fresh) < 1.5 * floor);
  // It has moved far, and from elsewhere it comes back.
  CHECK((after - start).rowwise().norm().mean() > 0.3);
  const Points elsewhere = start.array() + 0.3;
  CHECK(distance(elsewhere, fresh) > 5.0 * floor);
  CHECK(distance(moved(elsewhere), fresh) < 0.5 * distance(elsewhere, fresh));
}

TEST_CASE("the mean under more noise carries mean to mean") {
  const CommutingPair pair(0.8);
  // The drift is affine, so that the mean over antithetic chains is exact for each step.
  const auto noisy = with_sampler(pair.plan(), {.noise = 3.0, .map_samples = 2});
  CHECK(most(noisy->map(pair.mean.row(0), Direction::forward) - pair.mean.row(1)) < 1e-3);
  CHECK(most(noisy->map(pair.mean.row(1), Direction::backward) - pair.mean.row(0)) < 1e-3);
}

TEST_CASE("the noise of the bridge itself leaves every answer as it is") {
  const std::vector<double> times{0.0, 0.3, 1.0};
  for_each(quick_subjects(), [&](const Subject& subject) {
    const TransportPlan& plan = subject.plan();
    if (plan.drift() == nullptr) {
      CHECK_THROWS_AS(with_sampler(plan, {}), InvalidInput);
      return;
    }
    const auto same = with_sampler(plan, {.noise = 1.0});
    for (const auto direction : kBoth) {
      const Points x = start_points(subject, direction, 30, 1);
      CHECK(same->map(x, direction) == plan.map(x, direction));
      CHECK(same->sample(x, direction, RandomStream(2), 5) ==
            plan.sample(x, direction, RandomStream(2), 5));
      CHECK(same->sample_paths(x, times, direction, RandomStream(3), 5).at ==
            plan.sample_paths(x, times, direction, RandomStream(3), 5).at);
    }
  });
}

TEST_CASE("under any noise a row is the same in any batch and for any number of threads") {
  const std::vector<double> times{0.0, 0.3, 1.0};
  for_each(quick_subjects(), [&](const Subject& subject) {
    const TransportPlan& plan = subject.plan();
    if (plan.drift() == nullptr) return;
    // Noise, Langevin steps, and the size of these, come from the row alone too.
    for (const auto& [r, corrections] : {std::pair<double, Index>{0.0, 0}, {1.5, 0}, {1.0, 2}}) {
      const auto noisy =
          with_sampler(plan, {.noise = r, .steps = 8, .corrector = corrections, .map_samples = 2});
      for (const auto direction : kBoth) {
        const Points x = start_points(subject, direction, 300, 1);
        const Points all = noisy->sample(x, direction, RandomStream(2));
        CHECK(all.allFinite());
        const Points some = x.middleRows(201, 70);
        CHECK(noisy->sample(some, direction, RandomStream(2), 201) == all.middleRows(201, 70));
        CHECK(noisy->map(some, direction) == noisy->map(x, direction).middleRows(201, 70));
        const Paths paths = noisy->sample_paths(some, times, direction, RandomStream(2), 201);
        CHECK(paths.at[direction == Direction::forward ? 0 : 2] == some);
        // Asked times are further steps of the chain, so that paths end near draws, not at them.
        CHECK(paths.at[1].allFinite());
        {
          const ThreadScope scope(3);
          CHECK(noisy->sample(x, direction, RandomStream(2)) == all);
        }
      }
    }
  });
}
