// The iterate and its steps, against plain loops.
#include "entropic/dual_iterate.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "core/half_squared.hpp"
#include "entropic/newton_step.hpp"
#include "entropic/relaxed_step.hpp"
#include "problems.hpp"

using namespace otbridge;

namespace {

constexpr Accuracy kExactly{Precision::full, 0.0};

Level level_at(double s2, Index group = 1) { return {.s2 = s2, .group = group, .tolerance = 0.0}; }

Matrix plan_of(const DiscreteProblem& p, const DualPair& pair, double s2) {
  Matrix pi(p.a.size(), p.b.size());
  for (Index i = 0; i < pi.rows(); ++i) {
    for (Index j = 0; j < pi.cols(); ++j) {
      const double exponent = (pair.f[i] + pair.g[j] - half_squared(p.x.row(i), p.y.row(j))) / s2;
      pi(i, j) = p.a[i] * p.b[j] * std::exp(exponent);
    }
  }
  return pi;
}

}  // namespace

TEST_CASE("what the iterate says is of its present pair, however that moved") {
  const DiscreteProblem p = clustered_problem(40, 30, 2);
  const double s2 = 0.1;
  const PrecisionPolicy policy(PrecisionChoice::full);
  const Coarsening clouds(p);
  DualIterate iterate(clouds, nullptr, 0.0);
  iterate.enter(level_at(s2), policy);
  const auto check = [&] {
    const Matrix pi = plan_of(p, iterate.pair(), s2);
    CHECK((iterate.marginals().rows - pi.rowwise().sum()).lpNorm<1>() < 1e-12 * pi.sum());
    CHECK((iterate.column_marginal(kExactly) - pi.colwise().sum().transpose()).lpNorm<1>() <
          1e-12 * pi.sum());
    CHECK(iterate.measured().target ==
          relative((pi.colwise().sum().transpose() - p.b).lpNorm<1>(), 1e-9));
  };
  check();
  iterate.move(Side::target, Vector::LinSpaced(30, 0.0, 0.1));
  check();
  iterate.maximise(Side::source, kExactly);
  check();
  CHECK(iterate.measured().source < 1e-12);
  iterate.set({Vector::LinSpaced(40, 0.0, 0.1), Vector::Zero(30)});
  check();
  CHECK(iterate.value() == relative(iterate.pair().f.dot(p.a) / s2, 1e-14));
}

TEST_CASE("potentials are extrapolated in the temperature, and carried to other clouds") {
  const DiscreteProblem p = clustered_problem(300, 200, 2);
  const PrecisionPolicy policy(PrecisionChoice::full);
  const Coarsening clouds(p);
  DualIterate iterate(clouds, nullptr, 0.0);
  iterate.enter(level_at(0.4, 4), policy);
  CHECK(iterate.pair().f.size() == 75);
  const Vector f = Vector::LinSpaced(75, -1.0, 1.0), g = Vector::LinSpaced(50, 0.0, 1.0);
  iterate.set({f, g});
  iterate.enter(level_at(0.2, 4), policy);  // nothing to extrapolate from
  CHECK(iterate.pair().f == f);
  iterate.set({2.0 * f, g});
  iterate.enter(level_at(0.1, 4), policy);  // f + f (0.4 - s^2) / 0.2 at s^2 = 0.1
  CHECK((iterate.pair().f - 2.5 * f).cwiseAbs().maxCoeff() < 1e-14);
  CHECK(iterate.pair().g == g);

  // On the whole clouds f is the soft c-transform of the coarse g, at every point.
  const DiscreteProblem coarse = iterate.clouds();
  iterate.enter(level_at(0.1), policy);
  for (const Index i : {0, 77, 299}) {
    double sum = 0.0;
    for (Index j = 0; j < 50; ++j) {
      sum += coarse.b[j] * std::exp((g[j] - half_squared(p.x.row(i), coarse.y.row(j))) / 0.1);
    }
    CHECK(std::abs(iterate.pair().f[i] + 0.1 * std::log(sum)) < 1e-5);
  }
}

TEST_CASE("a relaxed iteration never lowers the dual, and reports the errors before its updates") {
  const DiscreteProblem p = clustered_problem(60, 50, 2);
  const PrecisionPolicy policy(PrecisionChoice::full);
  for (const bool relaxed : {false, true}) {
    const Coarsening clouds(p);
    DualIterate iterate(clouds, nullptr, 0.0);
    Relaxation relaxation(relaxed);
    iterate.enter(level_at(0.02), policy);
    iterate.maximise(Side::source, kExactly);
    const auto dual = [&] { return iterate.value() - plan_of(p, iterate.pair(), 0.02).sum(); };
    double before = dual();
    for (int k = 0; k < 40; ++k) {
      const double source = iterate.measured().source;
      const MarginalGap errors = relaxed_iteration(iterate, relaxation, kExactly);
      CHECK(std::abs(errors.source - source) < 1e-10);
      CHECK(dual() >= before - 1e-12 * std::abs(before));
      before = dual();
    }
    CHECK((relaxation.omega() > 1.0) == relaxed);
  }
}

TEST_CASE("Newton steps converge superlinearly, where plain updates crawl") {
  const DiscreteProblem p = clustered_problem(120, 100, 2);
  PrecisionPolicy policy(PrecisionChoice::full);
  const Coarsening clouds(p);
  DualIterate iterate(clouds, nullptr, 0.0);
  Relaxation plain(false);
  iterate.enter(level_at(0.01), policy);
  for (int k = 0; k < 30; ++k) relaxed_iteration(iterate, plain, kExactly);
  const double start = iterate.measured().larger();
  REQUIRE(start > 1e-3);
  Index iterations = 0;
  for (int k = 0; k < 8; ++k) {
    const NewtonStep step = newton_step(
        iterate, policy,
        {.tolerance = 1e-12, .accuracy = kExactly, .iterations = 1000, .proceed = [](int) {
           return true;
         }});
    CHECK(!step.failed);
    iterations += step.iterations;
  }
  CHECK(iterate.measured().larger() < 1e-11);
  // The same work in plain iterations leaves most of the error.
  DualIterate slow(clouds, nullptr, 0.0);
  slow.enter(level_at(0.01), policy);
  for (Index k = 0; k < 30 + iterations; ++k) relaxed_iteration(slow, plain, kExactly);
  CHECK(slow.measured().larger() > 1e-8);
}

TEST_CASE("a Newton step that is told to stop leaves a pair that is exact for its g") {
  const DiscreteProblem p = clustered_problem(60, 50, 2);
  PrecisionPolicy policy(PrecisionChoice::full);
  const Coarsening clouds(p);
  DualIterate iterate(clouds, nullptr, 0.0);
  iterate.enter(level_at(0.02), policy);
  const NewtonStep step =
      newton_step(iterate, policy,
                  {.tolerance = 1e-9, .accuracy = kExactly, .iterations = 100, .proceed = [](int) {
                     return false;
                   }});
  CHECK(step.failed);
  CHECK(step.iterations == 1);
  CHECK(iterate.pair().g == Vector::Zero(50));
  CHECK(iterate.measured().source < 1e-12);
}
