// ascend() and ascend_clouds() without the solver, against dense loops and closed forms.
#include "entropic/dual_ascent.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../relative.hpp"
#include "../solvers/sinkhorn/sinkhorn_dense.hpp"
#include "core/half_squared.hpp"
#include "entropic/cloud_ascent.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/random.hpp"
#include "problems.hpp"

using namespace otbridge;

namespace {

WeightedPoints cloud(Index n, std::uint64_t seed, double shift, bool zeros = false) {
  Points x = normal_points(n, 2, RandomStream(seed));
  x.col(0).array() += shift;
  Vector weights(n);
  for (Index i = 0; i < n; ++i) weights[i] = zeros && i % 5 == 2 ? 0.0 : 1.0 + double(i % 3);
  return {x, weights};
}

Matrix costs_of(const DiscreteProblem& p) {
  Matrix costs(p.a.size(), p.b.size());
  for (Index i = 0; i < costs.rows(); ++i) {
    for (Index j = 0; j < costs.cols(); ++j) costs(i, j) = half_squared(p.x.row(i), p.y.row(j));
  }
  return costs;
}

// The sums of the columns of the plan, by plain loops.
Vector dense_columns(const DiscreteProblem& p, const Matrix& costs, const DualPair& pair,
                     double s2) {
  Vector columns(p.b.size());
  for (Index j = 0; j < columns.size(); ++j) {
    const Eigen::ArrayXd exponents = (pair.f.array() + pair.g[j] - costs.col(j).array()) / s2;
    columns[j] = p.b[j] * exponents.exp().matrix().dot(p.a);
  }
  return columns;
}

}  // namespace

TEST_CASE("the ascent finds the potentials of a dense solve") {
  const DiscreteProblem p = clustered_problem(30, 25, 2);
  for (const double s2 : {1.0, 0.05}) {
    const AscentAnswer answer = ascend({p, s2}, {.tolerance = 1e-12});
    const DenseSinkhorn dense(WeightedPoints(p.x, p.a), WeightedPoints(p.y, p.b),
                              ReferenceProcess(s2), 3000);
    CHECK(answer.outcome == AscentOutcome::converged);
    const auto& [f, g] = answer.potentials;
    const double gauge = f.dot(p.a);
    CHECK((f.array() - gauge - dense.f.array()).abs().maxCoeff() < 1e-9);
    CHECK((g.array() + gauge - dense.g.array()).abs().maxCoeff() < 1e-9);
    CHECK(answer.certificate.value_linear == relative(dense.value_linear, 1e-10));
    CHECK(answer.certificate.kl == relative(dense.kl, 1e-9));
    CHECK(answer.certificate.gap < 1e-10);
    CHECK(answer.rounding < 1e-12);
  }
}

// Two points at 0 and 1 at either end, of weight 1/2: by symmetry pi = [q, 1/2 - q; 1/2 - q, q]
// with q / (1/2 - q) = exp(1 / (2 s^2)).
TEST_CASE("two points to two points are as the closed form says") {
  DiscreteProblem p;
  p.x = p.y = Vector::LinSpaced(2, -0.5, 0.5);
  p.a = p.b = Vector::Constant(2, 0.5);
  for (const double s2 : {0.2, 1.0, 5.0}) {
    const AscentAnswer answer = ascend({p, s2}, {.tolerance = 1e-13});
    const double apart = 0.5 / (1.0 + std::exp(0.5 / s2)), together = 0.5 - apart;
    CHECK(answer.certificate.value_linear == relative(2.0 * apart * 0.5, 1e-11));
    CHECK(answer.certificate.kl ==
          relative(2.0 * apart * std::log(4.0 * apart) + 2.0 * together * std::log(4.0 * together),
                   1e-9));
  }
}

TEST_CASE("clouds in their own units: weights of 0, the decay of the reference, any scale") {
  const WeightedPoints mu = cloud(23, 1, 0.0, true), nu = cloud(31, 2, 1.0);
  for (const double theta : {0.0, 0.7}) {
    const ReferenceProcess reference(0.3, theta);
    const AscentAnswer answer = ascend_clouds(mu, nu, reference, {.tolerance = 1e-12});
    const DenseSinkhorn dense(mu, nu, reference, 3000);
    REQUIRE(answer.outcome == AscentOutcome::converged);
    CHECK(answer.certificate.value_linear == relative(dense.value_linear, 1e-10));
    const auto& [f, g] = answer.potentials;
    const double gauge = f.dot(mu.weights());
    for (Index i = 0; i < 23; ++i) {
      if (mu.weights()[i] == 0.0) {
        CHECK(f[i] == 0.0);
      } else {
        CHECK(std::abs(f[i] - gauge - dense.f[i]) < 1e-9);
      }
    }
    CHECK((g.array() + gauge - dense.g.array()).abs().maxCoeff() < 1e-9);
  }
  // A power of two is taken out exactly.
  const auto value = [&](double scale) {
    return ascend_clouds(WeightedPoints(scale * mu.points()), WeightedPoints(scale * nu.points()),
                         ReferenceProcess(0.3 * scale * scale))
        .certificate.value;
  };
  CHECK(value(0x1p40) == 0x1p80 * value(1.0));
}

TEST_CASE("an ascent from the answer ends at once, from a near one soon") {
  const WeightedPoints mu = cloud(400, 1, 0.0, true), nu = cloud(300, 2, 1.0);
  const AscentControl control{.tolerance = 1e-6};
  const AscentAnswer cold = ascend_clouds(mu, nu, ReferenceProcess(0.05), control);
  REQUIRE(cold.outcome == AscentOutcome::converged);
  const AscentAnswer again =
      ascend_clouds(mu, nu, ReferenceProcess(0.05), control, &cold.potentials);
  CHECK(again.outcome == AscentOutcome::converged);
  CHECK(again.iterations <= 2);
  CHECK(again.certificate.value == relative(cold.certificate.value, 1e-6));
  const AscentAnswer near =
      ascend_clouds(mu, nu, ReferenceProcess(0.049), control, &cold.potentials);
  const AscentAnswer fresh = ascend_clouds(mu, nu, ReferenceProcess(0.049), control);
  CHECK(near.outcome == AscentOutcome::converged);
  CHECK(near.iterations < fresh.iterations);
  CHECK(near.certificate.value == relative(fresh.certificate.value, 1e-6));
  const DualPair wrong{Vector::Zero(400), Vector::Zero(299)};
  CHECK_THROWS_WITH_AS(ascend_clouds(mu, nu, ReferenceProcess(0.05), control, &wrong),
                       "start of 400 and 299 potentials: the clouds have 400 and 300 points",
                       InvalidInput);
}

TEST_CASE("the caller sees every iteration, and its word to stop is kept") {
  const DiscreteProblem p = clustered_problem(200, 150, 2);
  std::vector<AscentProgress> seen;
  AscentControl control;
  control.proceed = [&](const AscentProgress& progress) {
    if (progress.errors) seen.push_back(progress);
    return true;
  };
  const AscentAnswer whole = ascend({p, 0.01}, control);
  CHECK(whole.outcome == AscentOutcome::converged);
  REQUIRE(seen.size() > 3);
  for (std::size_t k = 1; k < seen.size(); ++k) {
    CHECK(seen[k].iteration > seen[k - 1].iteration);
    CHECK(seen[k].s2_ratio <= seen[k - 1].s2_ratio);
  }
  CHECK(seen.front().s2_ratio > 1.0);
  CHECK(seen.back().s2_ratio == 1.0);
  CHECK(seen.back().last_level);
  CHECK(seen.back().iteration == whole.iterations);

  for (const Index stop_at : {0, 3, 10}) {
    CAPTURE(stop_at);
    int refused = 0;
    control.proceed = [&](const AscentProgress& progress) {
      if (progress.iteration >= stop_at) ++refused;
      return progress.iteration < stop_at;
    };
    const AscentAnswer cut = ascend({p, 0.01}, control);
    CHECK(cut.outcome == AscentOutcome::stopped);
    CHECK(cut.iterations == stop_at);
    CHECK(refused == 1);
    // A plan of mass 1 on the whole clouds all the same, and a bound that holds.
    CHECK(cut.potentials.f.size() == 200);
    CHECK(cut.certificate.marginals.source < 1e-6);
    CHECK(cut.certificate.dual_value <= whole.certificate.value + 1e-9);
    CHECK(cut.certificate.dual_value + cut.certificate.gap >= whole.certificate.value - 1e-5);
  }
}

TEST_CASE("a clock tells what is left to do, and changes nothing") {
  for (const Index d : {2, 9}) {
    const DiscreteProblem p = clustered_problem(d == 2 ? 600 : 300, d == 2 ? 520 : 260, d);
    const AscentAnswer untimed = ascend({p, 0.05});
    double seconds = 0.0, least = 1e300;
    AscentControl control;
    control.clock = [&] { return seconds += 1.0; };
    control.proceed = [&](const AscentProgress& progress) {
      if (progress.last_level) least = std::min(least, progress.to_answer);
      return true;
    };
    const AscentAnswer timed = ascend({p, 0.05}, control);
    CHECK(least >= 1.0);
    CHECK(timed.iterations == untimed.iterations);
    CHECK(timed.potentials.f == untimed.potentials.f);
    CHECK(timed.potentials.g == untimed.potentials.g);
    CHECK(timed.certificate.gap == untimed.certificate.gap);
  }
}

// In coarse and whole clouds, at high temperatures and the last, within Newton steps; with weights
// that are stored (few pairs, many dimensions), pairs that are kept (low temperature), and neither.
TEST_CASE("wherever it is stopped the plan has mass 1, and what is said of it holds") {
  struct Case {
    Index n, m, d;
    double s2;
    PrecisionChoice precision;
  };
  for (const Case& c : {Case{200, 150, 2, 0.01, PrecisionChoice::automatic},
                        Case{200, 150, 2, 0.01, PrecisionChoice::full},
                        Case{560, 480, 2, 0.001, PrecisionChoice::automatic},
                        Case{600, 520, 2, 0.05, PrecisionChoice::automatic},
                        Case{1100, 300, 9, 0.002, PrecisionChoice::automatic},
                        Case{1100, 300, 9, 0.05, PrecisionChoice::automatic}}) {
    CAPTURE(c.n);
    CAPTURE(c.d);
    CAPTURE(c.s2);
    const DiscreteProblem p = clustered_problem(c.n, c.m, c.d);
    Index looks = 0, stop_at = -1;
    AscentControl control;
    control.precision = c.precision;
    control.proceed = [&](const AscentProgress&) { return looks++ != stop_at; };
    const AscentAnswer whole = ascend({p, c.s2}, control);
    REQUIRE(whole.outcome == AscentOutcome::converged);
    const Matrix costs = costs_of(p);
    const Index all = looks;
    for (stop_at = 0; stop_at < all - 1; stop_at += 1 + all / 5) {
      CAPTURE(stop_at);
      looks = 0;
      const AscentAnswer cut = ascend({p, c.s2}, control);
      REQUIRE(cut.outcome == AscentOutcome::stopped);
      CHECK(looks == stop_at + 1);
      const auto& [f, g] = cut.potentials;
      const Vector columns = dense_columns(p, costs, {f, g}, c.s2);
      const Vector rows = dense_columns({p.y, p.x, p.b, p.a}, costs.transpose(), {g, f}, c.s2);
      const double rounding = c.precision == PrecisionChoice::full ? 1e-8 : 1e-5;
      CHECK(std::abs(columns.sum() - 1.0) < rounding);
      CHECK(cut.certificate.marginals.source < rounding);
      CHECK(std::abs(cut.certificate.marginals.source - (rows - p.a).lpNorm<1>()) < 1e-8);
      CHECK(std::abs(cut.certificate.marginals.target - (columns - p.b).lpNorm<1>()) < 1e-8);
      CHECK(cut.certificate.dual_value <= whole.certificate.dual_value + whole.certificate.gap);
      CHECK(cut.certificate.dual_value + cut.certificate.gap >= whole.certificate.dual_value);
    }
  }
}

TEST_CASE("a scaling next to 1 takes no memory for its levels, and the limit bounds it") {
  const DiscreteProblem p = clustered_problem(20, 20, 2);
  Index levels_seen = 0;
  double before = 1e300;
  AscentControl control{.iterations = 300, .scaling = 0.9999999};
  control.proceed = [&](const AscentProgress& progress) {
    if (progress.s2_ratio < before) {
      if (before < 1e300) CHECK(progress.s2_ratio == relative(0.9999999 * before, 1e-12));
      before = progress.s2_ratio;
      ++levels_seen;
    }
    return true;
  };
  const AscentAnswer answer = ascend({p, 1e-4}, control);
  CHECK(answer.outcome == AscentOutcome::iteration_limit);
  CHECK(answer.iterations == 300);
  CHECK(levels_seen > 100);
  CHECK(std::isfinite(answer.certificate.gap));
}
