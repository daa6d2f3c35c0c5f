// The marginals of a plan under another noise than the bridge's: against closed forms of Gaussian
// bridges, and the promises of every plan.
#include "otbridge/plan/noise.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/solvers/gaussian.hpp"
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
        const auto still = with_noise(pair.plan(), {.ratio = 0.0, .steps = level == 0 ? 50 : 100});
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
      const auto noisy = with_noise(pair.plan(), {.ratio = r, .steps = 20});
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

TEST_CASE("the mean under more noise carries mean to mean") {
  const CommutingPair pair(0.8);
  // The drift is affine, so that the mean over antithetic chains is exact for each step.
  const auto noisy = with_noise(pair.plan(), {.ratio = 3.0, .map_samples = 2});
  CHECK(most(noisy->map(pair.mean.row(0), Direction::forward) - pair.mean.row(1)) < 1e-3);
  CHECK(most(noisy->map(pair.mean.row(1), Direction::backward) - pair.mean.row(0)) < 1e-3);
}

TEST_CASE("the noise of the bridge itself leaves every answer as it is") {
  const std::vector<double> times{0.0, 0.3, 1.0};
  for_each(quick_subjects(), [&](const Subject& subject) {
    const TransportPlan& plan = subject.plan();
    if (plan.drift() == nullptr) {
      CHECK_THROWS_AS(with_noise(plan, {}), InvalidInput);
      return;
    }
    const auto same = with_noise(plan, {.ratio = 1.0});
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
    for (const double r : {0.0, 1.5}) {
      const auto noisy = with_noise(plan, {.ratio = r, .steps = 8, .map_samples = 2});
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
