// The exact solver: values of another program, its plan on and off the points, its stops.
#include "otbridge/solvers/exact.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include "../../relative.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;

namespace {

// The clouds of data/reference/sinkhorn_dense.py: points and weights by formula.
WeightedPoints small_cloud(Index n, Index d, double phase, bool equal) {
  Points points(n, d);
  Vector weights(n);
  for (Index i = 0; i < n; ++i) {
    weights[i] = static_cast<double>(1 + i % 3);
    for (Index k = 0; k < d; ++k) {
      const auto row = static_cast<double>(i + 1), column = static_cast<double>(k + 1);
      points(i, k) = std::sin(phase + 1.7 * row * column) + 0.5 * std::cos(phase * column + row);
    }
  }
  return equal ? WeightedPoints(points) : WeightedPoints(points, weights);
}

TransportProblem random_pair(Index n, Index m, double epsilon = 0.1, double theta = 0.0) {
  return {WeightedPoints(normal_points(n, 2, RandomStream(1))),
          WeightedPoints(normal_points(m, 2, RandomStream(2)).array() + 0.5),
          ReferenceProcess(epsilon, theta)};
}

const WeightedPoints& source_of(const TransportProblem& problem) {
  return *problem.source().as<WeightedPoints>();
}
const WeightedPoints& target_of(const TransportProblem& problem) {
  return *problem.target().as<WeightedPoints>();
}

}  // namespace

// data/reference/exact_pot.csv, written by exact_pot.py (POT 0.9.7.post1, NumPy 2.4.6).
TEST_CASE("exact reproduces the values of another network simplex") {
  std::ifstream file(OTBRIDGE_SOURCE_DIR "/data/reference/exact_pot.csv");
  REQUIRE(file);
  std::string line;
  std::getline(file, line);
  int cases = 0;
  for (; std::getline(file, line); ++cases) {
    CAPTURE(line);
    std::ranges::replace(line, ',', ' ');
    std::istringstream row(line);
    Index n = 0, m = 0, d = 0;
    double theta = 0, cost = 0;
    std::string weights;
    row >> n >> m >> d >> theta >> weights >> cost;
    const TransportProblem problem(small_cloud(n, d, 0.3, weights == "equal"),
                                   small_cloud(m, d, 1.1, weights == "equal"),
                                   ReferenceProcess(0.7, theta));
    const SolveReport report = solve_exact(problem).report;
    CHECK(report.stop_reason == StopReason::converged);
    CHECK(*report.value_linear == relative(cost, 1e-11));
    CHECK(*report.value == *report.value_linear);
    CHECK(*report.dual_value == relative(cost, 1e-11));
    CHECK(*report.duality_gap <= 1e-13);
    CHECK(*report.marginal_error_source < 1e-13);
    CHECK(*report.marginal_error_target < 1e-13);
  }
  CHECK(cases == 36);
}

TEST_CASE("epsilon changes nothing, and entropic plans of small epsilon come near from above") {
  const Solution one = solve_exact(random_pair(60, 60, 0.1)),
                 other = solve_exact(random_pair(60, 60, 3.0));
  CHECK(*one.report.value == *other.report.value);
  CHECK(one.plan->coupling()->rows(0, 60) == other.plan->coupling()->rows(0, 60));
  const double epsilon = 0.002;
  const double entropic = *solve_sinkhorn(random_pair(60, 60, epsilon)).report.value_linear;
  CHECK(entropic > *one.report.value - 1e-6);
  CHECK(entropic < *one.report.value + epsilon * std::log(60.0));
}

TEST_CASE("at its points the map is the barycentre of the flows, duplicates taken together") {
  Points x(4, 1);
  x << 0.0, 5.0, 0.0, 9.0;
  const Points y{{-1.0}, {1.0}, {5.0}};
  const Vector a{{1.0, 2.0, 1.0, 0.0}}, b{{1.0, 1.0, 2.0}};
  const TransportProblem problem(WeightedPoints(x, a), WeightedPoints(y, b), ReferenceProcess(1.0));
  const auto plan = solve_exact(problem).plan;
  const Points forward = plan->map(x, Direction::forward);
  CHECK(std::abs(forward(0, 0)) < 1e-15);  // half to -1, half to 1
  CHECK(forward(2, 0) == forward(0, 0));
  CHECK(forward(1, 0) == 5.0);
  CHECK(forward(3, 0) == 5.0);  // no mass here: the hard c-transform decides
  CHECK(plan->map(Points{{-0.0}}, Direction::forward)(0, 0) == forward(0, 0));
  CHECK(plan->map(y, Direction::backward) == Points{{0.0}, {0.0}, {5.0}});
  const Points drawn = plan->sample(Points::Zero(4000, 1), Direction::forward, RandomStream(3));
  CHECK(drawn.cwiseAbs().isOnes());
  CHECK(std::abs(drawn.mean()) < 6.0 / std::sqrt(4000.0));
}

TEST_CASE("off its points both directions follow the hard c-transform, by plain loops") {
  const TransportProblem problem = random_pair(80, 50, 0.1, 0.6);
  const double a = problem.reference().endpoint_decay();
  const auto plan = solve_exact(problem).plan;
  const Points &x = source_of(problem).points(), &y = target_of(problem).points();
  const Vector f = plan->potentials()->f(x), g = plan->potentials()->g(y);
  const Points fresh = normal_points(40, 2, RandomStream(4));
  const Points ahead = plan->map(fresh, Direction::forward),
               back = plan->map(fresh, Direction::backward);
  for (Index k = 0; k < 40; ++k) {
    Index j = 0, i = 0;
    const double least_y =
        ((0.5 * (y.rowwise() - a * fresh.row(k)).rowwise().squaredNorm()) - g).minCoeff(&j);
    const double least_x =
        ((0.5 * ((a * x).rowwise() - fresh.row(k)).rowwise().squaredNorm()) - f).minCoeff(&i);
    CHECK(ahead.row(k) == y.row(j));
    CHECK(back.row(k) == x.row(i));
    CHECK(std::abs(plan->potentials()->f(fresh)[k] - least_y) < 1e-14);
    CHECK(std::abs(plan->potentials()->g(fresh)[k] - least_x) < 1e-14);
  }
  CHECK(plan->sample(fresh, Direction::forward, RandomStream(5)) == ahead);
  CHECK(plan->drift() == nullptr);
}

TEST_CASE("paths are straight, or sinh curves under mean reversion") {
  for (const double theta : {0.0, 1.3}) {
    const TransportProblem problem = random_pair(30, 30, 0.4, theta);
    const auto plan = solve_exact(problem).plan;
    const Points& x = source_of(problem).points();
    const Points y = plan->map(x, Direction::forward);
    const std::vector<double> times{0.0, 0.2, 0.75, 1.0};
    const Paths there = plan->sample_paths(x, times, Direction::forward, RandomStream(6));
    const Paths back = plan->sample_paths(y, times, Direction::backward, RandomStream(7));
    for (std::size_t k = 0; k < times.size(); ++k) {
      const double t = times[k];
      const double p = theta > 0.0 ? std::sinh(theta * (1.0 - t)) / std::sinh(theta) : 1.0 - t;
      const double q = theta > 0.0 ? std::sinh(theta * t) / std::sinh(theta) : t;
      CHECK((there.at[k] - (p * x + q * y)).cwiseAbs().maxCoeff() < 1e-14);
      CHECK((back.at[k] - there.at[k]).cwiseAbs().maxCoeff() < 1e-14);
    }
    CHECK(there.at.back() == y);
    CHECK(back.at.front() == x);
  }
}

TEST_CASE("shifts and scales: W2 of a translate, and cost scales with the square") {
  const Points x = normal_points(200, 3, RandomStream(8)),
               y = normal_points(150, 3, RandomStream(9));
  const auto value = [](const Points& p, const Points& q) {
    return *solve_exact({WeightedPoints(p), WeightedPoints(q), ReferenceProcess(1.0)}).report.value;
  };
  const Eigen::RowVector3d shift(1.0, -2.0, 2.0);
  CHECK(value(x, x.rowwise() + shift) == relative(4.5, 1e-12));
  CHECK(value(0x1p-30 * x, 0x1p-30 * y) == 0x1p-60 * value(x, y));
  CHECK(value(3.0 * x, 3.0 * y) == relative(9.0 * value(x, y), 1e-12));
  // |x - y - v|^2 / 2 = |x - y|^2 / 2 - <x - y, v> + |v|^2 / 2, and the middle term has the means.
  const double cross = (x.colwise().mean() - y.colwise().mean()).dot(shift);
  CHECK(value(x, y.rowwise() + shift) == relative(value(x, y) - cross + 4.5, 1e-12));
}

TEST_CASE("a law that is not a cloud stands as draws, and the report says so") {
  const TransportProblem problem(Gaussian(Vector::Zero(2), Matrix::Identity(2, 2)),
                                 Gaussian(Vector::Ones(2), Matrix::Identity(2, 2)),
                                 ReferenceProcess(0.5));
  const Solution solution = solve_exact(problem, {.samples = 300});
  CHECK(solution.plan->coupling()->source_points().rows() == 300);
  CHECK(solution.report.notes.size() == 2);
  CHECK(*solution.report.value == relative(1.0, 0.3));
  CHECK_THROWS_AS(solve_exact(problem, {.pivots = 0}), InvalidInput);
  CHECK_THROWS_AS(solve_exact(problem, {.samples = 0}), InvalidInput);
}

TEST_CASE("a cancelled run of large clouds ships all mass and says that it has no bound") {
  const WeightedPoints mu(normal_points(40000, 2, RandomStream(1)));
  const WeightedPoints nu(normal_points(30000, 2, RandomStream(2)));
  const std::atomic<bool> cancel{true};
  const Solution solution = solve_exact({mu, nu, ReferenceProcess(0.5)}, {}, {.cancel = &cancel});
  CHECK(solution.report.stop_reason == StopReason::interrupted);
  CHECK_FALSE(solution.report.duality_gap);
  CHECK_FALSE(solution.report.dual_value);
  CHECK(*solution.report.marginal_error_source < 1e-9);
  CHECK(*solution.report.marginal_error_target < 1e-9);
  CHECK(solution.report.notes.back().find("was not measured") != std::string::npos);
  CHECK(solution.plan->map(mu.points().topRows(5), Direction::forward).allFinite());
}

TEST_CASE("limits, deadlines and cancellation stop with a feasible plan and honest figures") {
  const TransportProblem problem = random_pair(900, 900);
  const double best = *solve_exact(problem).report.value;
  const auto check = [&](const Solution& solution, StopReason reason) {
    const SolveReport& report = solution.report;
    CHECK(report.stop_reason == reason);
    CHECK(*report.marginal_error_source < 1e-13);
    CHECK(*report.marginal_error_target < 1e-13);
    CHECK(*report.value >= best * (1.0 - 1e-12));
    CHECK(*report.dual_value <= best * (1.0 + 1e-12));
    CHECK(*report.duality_gap == relative(*report.value - *report.dual_value, 1e-14));
    CHECK(solution.plan->coupling()->rows(0, 900).sum() == relative(1.0, 1e-12));
  };
  check(solve_exact(problem, {.pivots = 50}), StopReason::iteration_limit);
  check(solve_exact(problem, {}, {.deadline = std::chrono::steady_clock::now()}),
        StopReason::time_limit);
  const std::atomic<bool> cancel{true};
  check(solve_exact(problem, {}, {.cancel = &cancel}), StopReason::interrupted);

  std::vector<Progress> seen;
  SolveContext watched;
  watched.observer = [&](const Progress& progress) { seen.push_back(progress); };
  const SolveReport report = solve_exact(problem, {}, watched).report;
  REQUIRE(seen.size() == report.trace.size());
  CHECK(std::ranges::count_if(seen, [](const Progress& p) { return p.duality_gap.has_value(); }) >
        1);
  CHECK(seen.back().fraction == 1.0);
  CHECK(seen.back().iteration == report.iterations);
  CHECK(std::ranges::is_sorted(seen, {}, &Progress::iteration));
  CHECK(std::ranges::is_sorted(seen, {}, &Progress::fraction));
}

TEST_CASE("a damaged state is refused") {
  const TransportProblem problem = random_pair(5, 5);
  const PlanState state = solve_exact(problem).plan->state();
  CHECK(restore_exact(problem, state)->state().arrays == state.arrays);
  for (const auto& [row, column, value] :
       {std::tuple<Index, Index, double>{0, 0, 5.0}, {0, 1, -1.0}, {1, 2, 0.0}, {4, 0, 0.0}}) {
    PlanState bad = state;
    bad.arrays["flows"](row, column) = value;
    CHECK_THROWS_AS(restore_exact(problem, bad), InvalidInput);
  }
  PlanState missing = state;
  missing.arrays.erase("flows");
  CHECK_THROWS_AS(restore_exact(problem, missing), InvalidInput);
}

TEST_CASE("the plan of equally many even points is a permutation, whose plan entropy is 0") {
  const Points x = normal_points(37, 2, RandomStream(1)), y = normal_points(37, 2, RandomStream(2));
  const Solution even = solve_exact({WeightedPoints(x), WeightedPoints(y), ReferenceProcess(1.0)});
  CHECK(even.report.plan_entropy.value() == 0.0);
  const Solution uneven = solve_exact(
      {WeightedPoints(x), WeightedPoints(Points(y.topRows(20))), ReferenceProcess(1.0)});
  CHECK(uneven.report.plan_entropy.value() > 0.01);
  CHECK(uneven.report.plan_entropy.value() < 0.5);
}
