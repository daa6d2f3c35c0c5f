// The solver: values, potentials and couplings against a dense oracle and closed forms.
#include "otbridge/solvers/sinkhorn.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <string>

#include "../../relative.hpp"
#include "otbridge/core/error.hpp"
#include "sinkhorn_dense.hpp"

using namespace otbridge;

namespace {

Points cloud(Index n, Index d, std::uint64_t seed, double shift = 0.0) {
  Points x = normal_points(n, d, RandomStream(seed));
  x.col(0).array() += shift;
  return x / std::sqrt(static_cast<double>(d));
}

Vector uneven(Index n, bool with_zeros) {
  Vector w(n);
  for (Index i = 0; i < n; ++i) w[i] = with_zeros && i % 5 == 2 ? 0.0 : 1.0 + double(i % 7);
  return w;
}

SinkhornSettings tight(double tolerance = 1e-11) {
  SinkhornSettings settings;
  settings.tolerance = tolerance;
  return settings;
}

void check_certificate(const SolveReport& report) {
  for (const auto& number :
       {report.value_linear, report.value, report.dual_value, report.duality_gap,
        report.marginal_error_source, report.marginal_error_target}) {
    REQUIRE(number.has_value());
    CHECK(std::isfinite(*number));
  }
  // Alone, the divergence is lost in rounding where the weights are.
  CHECK((report.kl.has_value() || report.stop_reason != StopReason::converged));
  if (report.kl) CHECK(std::isfinite(*report.kl));
  CHECK(*report.duality_gap >= 0.0);
  CHECK(*report.value_linear >= 0.0);
  CHECK(report.kl.value_or(0.0) >= 0.0);
}

}  // namespace

TEST_CASE("sinkhorn agrees with a dense solve: dimensions, weights, sizes, both references") {
  for (const Index d : {1, 2, 3, 5, 17, 256}) {
    for (const double theta : {0.0, 0.8}) {
      for (const bool zeros : {false, true}) {
        CAPTURE(d);
        CAPTURE(theta);
        CAPTURE(zeros);
        const WeightedPoints mu(cloud(13, d, 1), uneven(13, zeros));
        const WeightedPoints nu(cloud(21, d, 2, 1.0), uneven(21, zeros));
        const ReferenceProcess process(0.2, theta);
        const TransportProblem problem(mu, nu, process);
        const auto [plan, report] = solve_sinkhorn(problem, tight());
        const DenseSinkhorn dense(mu, nu, process, 3000);
        REQUIRE(report.stop_reason == StopReason::converged);
        check_certificate(report);
        CHECK(*report.value_linear == relative(dense.value_linear, 1e-9));
        CHECK(*report.kl == relative(dense.kl, 1e-9));
        CHECK(*report.duality_gap <= 1e-8);
        CHECK((plan->coupling()->rows(0, 13) - dense.pi).cwiseAbs().sum() < 1e-9);
        CHECK((plan->coupling()->rows(4, 7) - dense.pi.middleRows(4, 3)).cwiseAbs().sum() < 1e-9);
        CHECK((plan->potentials()->f(mu.points()) - dense.f).cwiseAbs().maxCoeff() < 1e-8);
        CHECK((plan->potentials()->g(nu.points()) - dense.g).cwiseAbs().maxCoeff() < 1e-8);
        // The map is the conditional mean: rows of pi over their sums.
        const Points map = plan->map(mu.points(), Direction::forward);
        for (Index i = 0; i < 13; ++i) {
          if (mu.weights()[i] == 0.0) {
            CHECK((plan->coupling()->rows(i, i + 1).array() == 0.0).all());
          } else {
            const Eigen::RowVectorXd mean = dense.pi.row(i) * nu.points() / dense.pi.row(i).sum();
            CHECK((map.row(i) - mean).norm() < 1e-8);
          }
        }
        const Points back = plan->map(nu.points(), Direction::backward);
        for (Index j = 0; j < 21; ++j) {
          if (nu.weights()[j] == 0.0) continue;
          const Eigen::RowVectorXd mean =
              dense.pi.col(j).transpose() * mu.points() / dense.pi.col(j).sum();
          CHECK((back.row(j) - mean).norm() < 1e-8);
        }
      }
    }
  }
}

TEST_CASE("the certificate bounds the true suboptimality of a run cut short") {
  const WeightedPoints mu(cloud(30, 2, 1)), nu(cloud(40, 2, 2, 2.0), uneven(40, true));
  const ReferenceProcess process(0.02);
  const TransportProblem problem(mu, nu, process);
  const DenseSinkhorn dense(mu, nu, process, 20000);
  const double optimum = dense.value_linear + 0.02 * dense.kl;
  for (const Index iterations : {1, 3, 10, 30, 60}) {
    SinkhornSettings settings = tight(1e-14);
    settings.iterations = iterations;
    const SolveReport report = solve_sinkhorn(problem, settings).report;
    check_certificate(report);
    CHECK(report.stop_reason == StopReason::iteration_limit);
    CHECK(report.iterations == iterations);
    CHECK(*report.dual_value <= optimum + 1e-9);
    CHECK(*report.dual_value + *report.duality_gap >= optimum - 1e-9);
    // However far the plan's marginals are off, which may leave its own value below the optimum.
    CHECK(*report.dual_value <= *report.value);
  }
}

TEST_CASE("one point at either end, and all points the same, are exact") {
  const WeightedPoints one(cloud(1, 3, 1)), many(cloud(9, 3, 2), uneven(9, false));
  const ReferenceProcess process(0.3);
  for (const bool swap : {false, true}) {
    const auto [plan, report] = swap ? solve_sinkhorn({many, one, process}, tight())
                                     : solve_sinkhorn({one, many, process}, tight());
    double mean_cost = 0.0;
    for (Index j = 0; j < 9; ++j) {
      mean_cost +=
          0.5 * many.weights()[j] * (many.points().row(j) - one.points().row(0)).squaredNorm();
    }
    CHECK(report.stop_reason == StopReason::converged);
    CHECK(*report.value_linear == relative(mean_cost, 1e-13));
    CHECK(std::abs(*report.kl) < 1e-13);
  }
  const WeightedPoints same(Points::Constant(20, 2, 5.0));
  const auto [plan, report] = solve_sinkhorn({same, same, process}, tight());
  CHECK(report.stop_reason == StopReason::converged);
  CHECK(*report.value_linear == 0.0);
  CHECK(plan->map(same.points(), Direction::forward) == same.points());
}

TEST_CASE("the result does not depend on the number of threads") {
  const TransportProblem problem(WeightedPoints(cloud(301, 2, 1)),
                                 WeightedPoints(cloud(207, 2, 2, 1.0)), ReferenceProcess(0.01));
  SolveContext context;
  context.threads = 1;
  const auto first = solve_sinkhorn(problem, {}, context);
  for (const int threads : {2, 5}) {
    context.threads = threads;
    const auto again = solve_sinkhorn(problem, {}, context);
    CHECK(again.plan->state().array("f") == first.plan->state().array("f"));
    CHECK(again.plan->state().array("g") == first.plan->state().array("g"));
    CHECK(*again.report.duality_gap == *first.report.duality_gap);
  }
}

TEST_CASE("clouds of many tiles: any tolerance is reached, on any number of threads") {
  // Coarse levels, truncated sweeps, over-relaxation and Newton steps all take part.
  const WeightedPoints mu(cloud(1500, 2, 1), uneven(1500, true)), nu(cloud(1300, 2, 2, 2.0));
  const ReferenceProcess process(0.01);
  const TransportProblem problem(mu, nu, process);
  const Solution first = solve_sinkhorn(problem, tight(1e-10), {.threads = 1});
  REQUIRE(first.report.stop_reason == StopReason::converged);
  check_certificate(first.report);
  CHECK(*first.report.duality_gap < 1e-8);
  const Solution second = solve_sinkhorn(problem, tight(1e-10), {.threads = 3});
  CHECK(second.report.iterations == first.report.iterations);
  CHECK(*second.report.value == *first.report.value);
  CHECK(second.plan->potentials()->f(mu.points()) == first.plan->potentials()->f(mu.points()));

  // The errors that the report states are those of the plan, summed pair by pair.
  const Matrix pi = first.plan->coupling()->rows(0, 1500);
  CHECK((pi.rowwise().sum() - mu.weights()).lpNorm<1>() <= 1.5e-10);
  CHECK((pi.colwise().sum().transpose() - nu.weights()).lpNorm<1>() <= 1.5e-10);

  SinkhornSettings plain = tight(1e-5);
  plain.newton = false;
  plain.precision = "double";
  const SolveReport slow = solve_sinkhorn(problem, plain).report;
  REQUIRE(slow.stop_reason == StopReason::converged);
  CHECK(*slow.dual_value <= *first.report.value + 1e-9);
  CHECK(*slow.dual_value + *slow.duality_gap >= *first.report.value - 1e-9);
  CHECK(*slow.value == relative(*first.report.value, 1e-6));
}

TEST_CASE("a batch gives what its problems give one by one") {
  std::vector<TransportProblem> problems;
  for (std::uint64_t k = 0; k < 5; ++k) {
    const auto n = static_cast<Index>(20 + 30 * k);
    problems.emplace_back(WeightedPoints(cloud(n, 2, k + 1), uneven(n, true)),
                          WeightedPoints(cloud(50, 2, k + 9, 1.0)), ReferenceProcess(0.02));
  }
  const auto all = std::span<const TransportProblem>(problems);
  for (const int threads : {1, 3}) {
    for (const std::size_t count : {0u, 1u, 5u}) {
      const auto batch = solve_sinkhorn_batch(all.first(count), {}, {.threads = threads});
      REQUIRE(batch.size() == count);
      for (std::size_t k = 0; k < count; ++k) {
        const Solution single = solve_sinkhorn(problems[k]);
        const Points& x = problems[k].source().as<WeightedPoints>()->points();
        CHECK(batch[k].report.stop_reason == StopReason::converged);
        CHECK(*batch[k].report.value == *single.report.value);
        CHECK(batch[k].plan->potentials()->f(x) == single.plan->potentials()->f(x));
      }
    }
  }
}

TEST_CASE("powers of two scale exactly, and translations cost no accuracy") {
  const Points x = cloud(50, 2, 1), y = cloud(60, 2, 2, 1.0);
  const auto solve = [&](double scale, double shift, double epsilon) {
    const Points u = scale * (x.array() + shift).matrix(), v = scale * (y.array() + shift).matrix();
    return solve_sinkhorn(
               {WeightedPoints(u), WeightedPoints(v), ReferenceProcess(scale * scale * epsilon)})
        .report;
  };
  const auto base = solve(1.0, 0.0, 0.05);
  for (const int power : {-400, -3, 30, 500}) {
    const double scale = std::ldexp(1.0, power);
    CHECK(*solve(scale, 0.0, 0.05).value_linear == scale * scale * *base.value_linear);
  }
  // Offsets of 1e8 leave coordinates with 1.5e-8 absolute rounding.
  CHECK(*solve(1.0, 1e8, 0.05).value_linear == relative(*base.value_linear, 1e-6));
}

TEST_CASE("epsilon over 28 magnitudes: never NaN, always a consistent certificate") {
  for (const Index d : {2, 8}) {
    const WeightedPoints mu(cloud(40, d, 1)), nu(cloud(30, d, 2, 1.0), uneven(30, true));
    double previous = -1.0;
    for (int power = -16; power <= 12; power += 2) {
      CAPTURE(power);
      SinkhornSettings settings;
      settings.iterations = 2000;
      const auto [plan, report] =
          solve_sinkhorn({mu, nu, ReferenceProcess(std::pow(10.0, power))}, settings);
      check_certificate(report);
      CHECK(plan->coupling()->rows(0, 40).allFinite());
      CHECK(plan->map(mu.points(), Direction::forward).allFinite());
      CHECK(*report.marginal_error_source <= 2.0 + 1e-6);
      const bool reached = *report.marginal_error_source <= settings.tolerance &&
                           *report.marginal_error_target <= settings.tolerance;
      CHECK((report.stop_reason == StopReason::converged) == reached);
      if (reached) {
        CHECK(*report.value_linear >= previous * (1.0 - 1e-5));  // the cost grows with epsilon
        previous = *report.value_linear;
      }
    }
  }
}

TEST_CASE("each setting leads to the same answer") {
  const WeightedPoints mu(cloud(80, 2, 1)), nu(cloud(70, 2, 2, 1.0));
  const TransportProblem problem(mu, nu, ReferenceProcess(0.01));
  const double value = *solve_sinkhorn(problem, tight(1e-9)).report.value;
  for (const bool relaxed : {false, true}) {
    for (const bool newton : {false, true}) {
      for (const double scaling : {0.25, 0.97, 1.0}) {
        for (const char* precision : {"auto", "double"}) {
          SinkhornSettings settings = tight(1e-9);
          settings.overrelaxation = relaxed;
          settings.newton = newton;
          settings.scaling = scaling;
          settings.precision = precision;
          const auto report = solve_sinkhorn(problem, settings).report;
          CHECK(report.stop_reason == StopReason::converged);
          // Marginal errors of 1e-9 either way, times potentials of size 1.
          CHECK(std::abs(*report.value - value) < 2e-9);
        }
      }
    }
  }
  SinkhornSettings wrong;
  wrong.scaling = 0.0;
  CHECK_THROWS_AS(solve_sinkhorn(problem, wrong), InvalidInput);
}

TEST_CASE("a scaling is used as given, near 1 too") {
  const TransportProblem problem(WeightedPoints(cloud(60, 2, 1)),
                                 WeightedPoints(cloud(50, 2, 2, 1.0)), ReferenceProcess(0.01));
  SinkhornSettings settings;
  for (const double scaling : {0.8, 0.97, 0.99}) {
    CAPTURE(scaling);
    settings.scaling = scaling;
    const SolveReport report = solve_sinkhorn(problem, settings).report;
    CHECK(report.stop_reason == StopReason::converged);
    // The first records are of one iteration each, at the first levels.
    REQUIRE(report.trace.size() > 3);
    double next = 1.0;
    for (const Progress& progress : report.trace) {
      const double ratio = *progress.epsilon / *report.trace.front().epsilon;
      if (ratio < 1.0) {
        next = ratio;
        break;
      }
    }
    CHECK(next == relative(scaling, 1e-12));
  }
  settings.scaling = 0.9999999;  // 10^8 levels: the limit of iterations ends it among them
  settings.iterations = 100;
  const SolveReport report = solve_sinkhorn(problem, settings).report;
  CHECK(report.stop_reason == StopReason::iteration_limit);
  CHECK(report.iterations == 100);
  check_certificate(report);
}

TEST_CASE("a cancelled run of large clouds answers without a sweep over all pairs") {
  const WeightedPoints mu(normal_points(40000, 1, RandomStream(1)));
  const WeightedPoints nu(normal_points(30000, 1, RandomStream(2)).array() + 1.0);
  const TransportProblem problem(mu, nu, ReferenceProcess(0.5));
  const std::atomic<bool> cancel{true};
  SolveContext context;
  context.cancel = &cancel;
  const Solution solution = solve_sinkhorn(problem, {}, context);
  CHECK(solution.report.stop_reason == StopReason::interrupted);
  // Neither gap nor errors are known, and it says so.
  CHECK_FALSE(solution.report.duality_gap);
  CHECK_FALSE(solution.report.marginal_error_source);
  CHECK(solution.report.notes.back().find("was not measured") != std::string::npos);
  CHECK(solution.plan->map(mu.points().topRows(5), Direction::forward).allFinite());
  // One that is asked in the midst of it carries the potentials of a coarse cloud to all points:
  // the map is near that of two Gaussians of variance 1, y = 1 + r x with r the correlation of the
  // bridge.
  std::atomic<bool> later{false};
  context.cancel = &later;
  context.observer = [&](const Progress& state) {
    if (state.iteration >= 5) later = true;
  };
  const Solution midway = solve_sinkhorn(problem, {}, context);
  CHECK(midway.report.stop_reason == StopReason::interrupted);
  const double r = std::sqrt(1.0 + 0.25 * 0.25) - 0.25;
  const Points x = Points::Constant(1, 1, 0.5);
  const Points moved = midway.plan->map(x, Direction::forward);
  CHECK(std::abs(moved(0, 0) - (1.0 + 0.5 * r)) < 0.3);
}

TEST_CASE("a cancelled run, a deadline passed, and the trace") {
  const TransportProblem problem(WeightedPoints(cloud(50, 2, 1)), WeightedPoints(cloud(50, 2, 2)),
                                 ReferenceProcess(0.001));
  const std::atomic<bool> cancel{true};
  SolveContext context;
  context.cancel = &cancel;
  const auto cancelled = solve_sinkhorn(problem, {}, context).report;
  CHECK(cancelled.stop_reason == StopReason::interrupted);
  check_certificate(cancelled);
  context.cancel = nullptr;
  context.deadline = std::chrono::steady_clock::now();
  CHECK(solve_sinkhorn(problem, {}, context).report.stop_reason == StopReason::time_limit);
  // What is to be moved afterwards takes nothing from an answer that is had in no time.
  context.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  context.to_map = context.to_draw = 100000000;
  CHECK(solve_sinkhorn(problem, {}, context).report.stop_reason == StopReason::converged);
  context.deadline.reset();
  std::size_t seen = 0;
  double fraction = 0.0;
  context.observer = [&](const Progress& progress) {
    ++seen;
    CHECK(progress.fraction >= fraction);
    fraction = progress.fraction;
  };
  const auto report = solve_sinkhorn(problem, {}, context).report;
  CHECK(seen == report.trace.size());
  REQUIRE(seen > 3);
  CHECK(*report.trace.front().epsilon > *report.trace.back().epsilon);
}

TEST_CASE("the plan entropy is that of the dense plan, rises with epsilon and ends at 1") {
  Vector a = Vector::LinSpaced(20, 1.0, 3.0);
  const WeightedPoints x(normal_points(20, 2, RandomStream(1)), a);
  const WeightedPoints y(normal_points(25, 2, RandomStream(2)));
  double before = 0.0;
  for (const double epsilon : {0.01, 0.1, 1.0, 1e5}) {
    SinkhornSettings settings;
    settings.tolerance = 1e-9;
    const Solution s = solve_sinkhorn({x, y, ReferenceProcess(epsilon)}, settings);
    const Matrix pi = s.plan->coupling()->rows(0, 20);
    const auto entropy = [](const auto& p) {
      return -(p.array() * (p.array() + 1e-300).log()).sum();
    };
    const double expected = 2.0 * entropy(pi) / (entropy(x.weights()) + entropy(y.weights())) - 1.0;
    const double found = s.report.plan_entropy.value();
    CHECK(std::abs(found - expected) < 1e-7);
    CHECK(found > before);
    before = found;
  }
  CHECK(before > 1.0 - 1e-9);
}
