// Small epsilon in many dimensions, where few pairs of each point matter: against a dense solve
// that shares nothing with the solver.
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>

#include "../../dense.hpp"
#include "../../relative.hpp"
#include "otbridge/core/random.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;

namespace {

constexpr Index kSources = 520, kTargets = 510, kDimension = 50;

// Clusters with noise in every coordinate, of unit variance about.
Points cells(Index n, std::uint64_t seed) {
  const Points centres = normal_points(8, kDimension, RandomStream(100));
  Points x = 0.6 * normal_points(n, kDimension, RandomStream(seed));
  for (Index i = 0; i < n; ++i) x.row(i) += 0.8 * centres.row((i * i + 3 * i) % 8);
  return x;
}

// Dense Sinkhorn from high temperatures down, then Newton steps in g by LU, until both marginals
// are right to rounding.
struct DenseNewton {
  Matrix cost, pi;
  Vector f, g;
  double value = 0.0, error = 1.0;

  DenseNewton(const Points& x, const Points& y, double epsilon) : cost(x.rows(), y.rows()) {
    for (Index i = 0; i < x.rows(); ++i) {
      for (Index j = 0; j < y.rows(); ++j) cost(i, j) = 0.5 * (x.row(i) - y.row(j)).squaredNorm();
    }
    f = Vector::Zero(x.rows());
    g = Vector::Zero(y.rows());
    for (double s2 = cost.mean(); s2 > epsilon; s2 *= 0.5) {
      for (int k = 0; k < 10; ++k) sinkhorn(s2);
      for (int k = 0; k < 30 && s2 < 0.01 * cost.mean() && error > 1e-3; ++k) newton(s2);
      error = 1.0;
    }
    for (int k = 0; k < 10; ++k) sinkhorn(epsilon);
    for (int k = 0; k < 100 && error > 1e-13; ++k) newton(epsilon);
    const Matrix exponents = this->exponents(epsilon);
    pi = a() * b() * exponents.array().exp();
    value = pi.cwiseProduct(cost + epsilon * exponents).sum();
  }

 private:
  double a() const { return 1.0 / static_cast<double>(cost.rows()); }
  double b() const { return 1.0 / static_cast<double>(cost.cols()); }
  Matrix exponents(double s2) const {
    return ((f.replicate(1, g.size()) - cost).rowwise() + g.transpose()) / s2;
  }
  void source_update(double s2) {
    const Matrix z = exponents(s2);
    for (Index i = 0; i < f.size(); ++i) {
      const double most = z.row(i).maxCoeff();
      f[i] -= s2 * (most + std::log(b() * (z.row(i).array() - most).exp().sum()));
    }
  }
  void sinkhorn(double s2) {
    source_update(s2);
    const Matrix z = exponents(s2);
    for (Index j = 0; j < g.size(); ++j) {
      const double most = z.col(j).maxCoeff();
      g[j] -= s2 * (most + std::log(a() * (z.col(j).array() - most).exp().sum()));
    }
  }
  double dual() const { return a() * f.sum() + b() * g.sum(); }
  void newton(double s2) {
    source_update(s2);
    const Matrix p = a() * b() * exponents(s2).array().exp();
    const Vector columns = p.colwise().sum();
    const Vector gradient = b() - columns.array();
    error = gradient.lpNorm<1>();
    Matrix hessian = -p.transpose() * p / a();
    // Damped, since parts of the plan hang together by next to nothing, and without the constants.
    hessian.diagonal() += (1.0 + 1e-3 * error) * columns;
    const Vector step = testing::dense_solve(hessian.array() + b() * b(), gradient);
    const Vector from = g;
    const double before = dual();
    for (double length = s2; length > 1e-6 * s2; length *= 0.5) {
      g = from + length * step.cwiseMax(-4.0).cwiseMin(4.0);
      source_update(s2);
      if (error < 1e-6 || dual() > before) return;
    }
    g = from;
  }
};

}  // namespace

TEST_CASE("[full] at small epsilon plan, map and value are those of a dense solve, from either start") {
  const Points x = cells(kSources, 1), y = cells(kTargets, 2);
  const WeightedPoints source{Points(x)}, target{Points(y)};
  const double mean = mean_cost(source, target, 1, 0);
  for (const double relative_epsilon : {0.005, 0.002, 0.0005}) {
    CAPTURE(relative_epsilon);
    const double epsilon = relative_epsilon * mean;
    const DenseNewton dense(x, y, epsilon);
    REQUIRE(dense.error < 1e-12);
    const TransportProblem problem(source, target, ReferenceProcess(epsilon));
    for (const std::string start : {"auto", "above", "exact"}) {
      CAPTURE(start);
      SinkhornSettings settings;
      settings.tolerance = 1e-10;
      settings.start = start;
      const Solution solution = solve_sinkhorn(problem, settings);
      REQUIRE(solution.report.stop_reason == StopReason::converged);
      CHECK(*solution.report.value == relative(dense.value, 1e-9));
      CHECK(*solution.report.duality_gap < 1e-8 * dense.value);
      CHECK(*solution.report.duality_gap >= 0.0);
      const Matrix pi = solution.plan->coupling()->rows(0, kSources);
      CHECK((pi - dense.pi).cwiseAbs().sum() < 1e-8);
      const Matrix map = static_cast<double>(kSources) * dense.pi * y;
      const Points found = solution.plan->map(x, Direction::forward);
      CHECK((found - map).norm() < 1e-8 * map.norm());
    }
  }
}

TEST_CASE("the start is told, and is the better one where it is measured") {
  const WeightedPoints source(cells(kSources, 1)), target(cells(kTargets, 2));
  const double mean = mean_cost(source, target, 1, 0);
  const auto notes_of = [&](double relative_epsilon, const std::string& start) {
    SinkhornSettings settings;
    settings.start = start;
    const auto solution =
        solve_sinkhorn({source, target, ReferenceProcess(relative_epsilon * mean)}, settings);
    CHECK(solution.report.stop_reason == StopReason::converged);
    return solution.report.notes;
  };
  const std::vector<std::string> exact{"started from the potentials of exact transport"};
  CHECK(notes_of(0.001, "exact") == exact);
  CHECK(notes_of(0.05, "auto").empty());
  CHECK(notes_of(0.0001, "auto") == exact);
  CHECK(notes_of(0.0005, "above").empty());
}

TEST_CASE("without time for an exact start there is an answer all the same") {
  const WeightedPoints source(cells(kSources, 1)), target(cells(kTargets, 2));
  SinkhornSettings settings;
  settings.start = "exact";
  const TransportProblem problem(source, target, ReferenceProcess(0.01));
  const Solution solution =
      solve_sinkhorn(problem, settings, {.deadline = std::chrono::steady_clock::now()});
  const SolveReport& report = solution.report;
  CHECK(report.stop_reason == StopReason::time_limit);
  CHECK(report.notes.empty());
  CHECK(*report.marginal_error_source < 1e-6);
  CHECK(std::abs(solution.plan->coupling()->rows(0, kSources).sum() - 1.0) < 1e-6);
  const double value = *solve_sinkhorn(problem, {}).report.value;
  CHECK(*report.dual_value <= value);
  CHECK(*report.dual_value + *report.duality_gap >= value * (1.0 - 1e-6));
}

// At the first, next to nothing joins the clusters, and each point has some ten partners; at the
// last, whole clusters have far to go: a plan that stalls takes thousands.
TEST_CASE("no epsilon takes many iterations") {
  const WeightedPoints source(cells(kSources, 1)), target(cells(kTargets, 2));
  const double mean = mean_cost(source, target, 1, 0);
  for (const double relative_epsilon : {0.01, 0.005, 0.003, 0.001, 0.0001, 0.00001}) {
    CAPTURE(relative_epsilon);
    const auto report =
        solve_sinkhorn({source, target, ReferenceProcess(relative_epsilon * mean)}, {}).report;
    CHECK(report.stop_reason == StopReason::converged);
    CHECK(report.iterations < 500);
  }
}

// Nothing of the start but the time may depend on threads.
TEST_CASE("at small epsilon the bytes are the same for any number of threads") {
  const WeightedPoints source(cells(kSources, 1)), target(cells(kTargets, 2));
  const TransportProblem problem(source, target, ReferenceProcess(0.05));
  std::vector<Points> found;
  for (const int threads : {1, 2, 3}) {
    SolveContext context;
    context.threads = threads;
    found.push_back(
        solve_sinkhorn(problem, {}, context).plan->map(source.points(), Direction::forward));
  }
  CHECK(found[1] == found[0]);
  CHECK(found[2] == found[0]);
}
