#include "otbridge/solvers/dsbm.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cmath>

#include "../unit_gaussians.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/weighted_points.hpp"

using namespace otbridge;

namespace {

DsbmSettings small_matching(const char* start = "sinkhorn") {
  DsbmSettings settings;
  settings.start = start;
  settings.samples = 600;
  settings.candidates = 32;
  settings.steps = 15;
  settings.training.steps = 300;
  settings.training.batch = 128;
  settings.network.hidden = {24, 24};
  settings.map_samples = 8;
  return settings;
}

Points some_answers(const TransportPlan& plan) {
  const Points x = normal_points(40, plan.problem().dimension(), RandomStream(8));
  Points all(3 * x.rows(), x.cols());
  all << plan.sample(x, Direction::forward, RandomStream(9)), plan.map(x, Direction::backward),
      plan.drift()->at(0.4, x, Direction::forward);
  return all;
}

}  // namespace

// Exact for the Schroedinger bridge: means +-0.5, variance 1, covariance (sqrt 5 - 1) / 2 = 0.618.
TEST_CASE("from every start the bridge between two Gaussians has the known moments") {
  for (const char* start : {"sinkhorn", "polished", "mixture", "independent", "reference"}) {
    DsbmSettings settings = small_matching(start);
    const bool far = start == std::string("independent") || start == std::string("reference");
    settings.iterations = far ? 5 : 1;
    const Solution solution = solve_dsbm(gaussian_pair(1), settings);
    CAPTURE(start);
    for (const auto direction : {Direction::forward, Direction::backward}) {
      const PushedMoments m = pushed(solution, direction, 50000);
      CHECK(std::abs(m.mean - (direction == Direction::forward ? 0.5 : -0.5)) < 0.1);
      CHECK(std::abs(m.variance - 1.0) < 0.15);
      CHECK(std::abs(m.covariance - (std::sqrt(5.0) - 1.0) / 2.0) < 0.07);
    }
    CHECK(to_size(2 * settings.iterations) == solution.report.trace.size());
    CHECK(solution.plan->name() == "dsbm");
  }
}

namespace {

Solution short_run(const TransportProblem& problem, const char* start) {
  DsbmSettings settings = small_matching(start);
  settings.samples = 100;
  settings.training.steps = 3;
  return solve_dsbm(problem, settings);
}
auto weights_of(const Solution& solution) {
  return solution.plan->state().array("forward_weights");
}
auto weights_from(const TransportProblem& problem, const char* start) {
  return weights_of(short_run(problem, start));
}

}  // namespace

TEST_CASE("auto couples samples where a law is a cloud or epsilon is small") {
  const WeightedPoints cloud(normal_points(50, 4, RandomStream(1)));
  const TransportProblem to_cloud(gaussian_pair(4).source(), cloud, ReferenceProcess(1.0));
  const TransportProblem pair = gaussian_pair(3);
  const TransportProblem narrow(pair.source(), pair.target(), ReferenceProcess(0.01));
  for (const TransportProblem& problem : {narrow, to_cloud}) {
    const Solution solution = short_run(problem, "auto");
    CHECK(weights_of(solution) == weights_from(problem, "sinkhorn"));
    // Nor was a mixture fitted that was too far off, after which the weights are the same.
    for (const std::string& note : solution.report.notes)
      CHECK(note.find("mixture") == std::string::npos);
  }
}

TEST_CASE(
    "[full] auto starts from a mixture bridge where laws can be drawn, polished in few "
    "dimensions") {
  const TransportProblem few = gaussian_pair(3), many = gaussian_pair(4);
  CHECK(weights_from(many, "auto") == weights_from(many, "mixture"));
  CHECK(weights_from(few, "auto") == weights_from(few, "polished"));
  CHECK(weights_from(many, "mixture") != weights_from(many, "sinkhorn"));
  CHECK(weights_from(few, "polished") != weights_from(few, "sinkhorn"));
}

// One regression on independent pairs is no bridge yet: its Markov process keeps the marginals, but
// its ends are less correlated than 0.618. In one dimension the process of the linear drift gives
// covariance exp(int slope), by quadrature of the closed form below.
TEST_CASE("one iteration from independent pairs is their Markovian projection") {
  // Laws N(-+0.5, 1): X_t has the variance (1-t)^2 + t^2 + t(1-t), E[x1 | X_t] the slope t over it.
  double log_gain = 0.0;
  constexpr int kSteps = 100000;
  for (int k = 0; k < kSteps; ++k) {
    const double t = (k + 0.5) / kSteps, variance = 1.0 - t * (1.0 - t);
    log_gain += (t / variance - 1.0) / (1.0 - t) / kSteps;
  }
  const double covariance = std::exp(log_gain);
  CHECK(covariance < 0.6);
  DsbmSettings settings = small_matching("independent");
  settings.steps = 40;
  const Solution solution = solve_dsbm(gaussian_pair(1), settings);
  const PushedMoments m = pushed(solution, Direction::forward, 50000);
  CHECK(std::abs(m.covariance - covariance) < 0.04);
  CHECK(std::abs(m.variance - 1.0) < 0.1);
}

TEST_CASE(
    "[full] the solve is the same bytes for any number of threads, and so is a restored plan") {
  for (const char* start : {"sinkhorn", "polished", "mixture", "independent", "reference"}) {
    DsbmSettings settings = small_matching(start);
    settings.training.steps = 40;
    SolveContext context;
    context.seed = 3;
    context.threads = 1;
    const TransportProblem problem = gaussian_pair(2, 0.8);
    const Solution one = solve_dsbm(problem, settings, context);
    CHECK(some_answers(*restore_dsbm(problem, one.plan->state())) == some_answers(*one.plan));
    PlanState earlier = one.plan->state();
    earlier.numbers["bridge_base"] = 1.0;
    CHECK_THROWS_AS(restore_dsbm(problem, earlier), InvalidInput);
    for (const int threads : {2, 5}) {
      context.threads = threads;
      const Solution other = solve_dsbm(problem, settings, context);
      CHECK(some_answers(*other.plan) == some_answers(*one.plan));
      CHECK(other.report.marginal_error_target == one.report.marginal_error_target);
    }
  }
}

TEST_CASE("clouds, weights and a single point are taken") {
  DsbmSettings settings = small_matching();
  settings.training.steps = 30;
  Vector weights = Vector::LinSpaced(50, 0.0, 1.0);
  const WeightedPoints cloud(normal_points(50, 2, RandomStream(1)), weights);
  const WeightedPoints point(Points::Ones(1, 2));
  for (const auto& target : {Measure(point), Measure(Toy("moons@torchcfm"))}) {
    const Solution solution = solve_dsbm({cloud, target, ReferenceProcess(0.5)}, settings);
    CHECK(some_answers(*solution.plan).allFinite());
  }
}

TEST_CASE("a runaway training, a cancelled and an overdue solve leave a usable plan") {
  DsbmSettings settings = small_matching();
  settings.training.learning_rate = 1e3;
  const Solution runaway = solve_dsbm(gaussian_pair(2), settings);
  CHECK(runaway.report.stop_reason == StopReason::diverged);
  CHECK(some_answers(*runaway.plan).allFinite());
  const std::atomic<bool> cancel{true};
  SolveContext context;
  context.cancel = &cancel;
  const Solution cancelled = solve_dsbm(gaussian_pair(2), small_matching(), context);
  CHECK(cancelled.report.stop_reason == StopReason::interrupted);
  CHECK(some_answers(*cancelled.plan).allFinite());
  context.cancel = nullptr;
  context.deadline = std::chrono::steady_clock::now();
  CHECK(solve_dsbm(gaussian_pair(2), small_matching(), context).report.stop_reason ==
        StopReason::time_limit);
}

TEST_CASE("settings outside their ranges are refused by name") {
  DsbmSettings settings = small_matching("nearest");
  CHECK_THROWS_WITH_AS(solve_dsbm(gaussian_pair(1), settings), doctest::Contains("/solver/start"),
                       InvalidInput);
  settings = small_matching();
  settings.candidates = 0;
  CHECK_THROWS_WITH_AS(solve_dsbm(gaussian_pair(1), settings),
                       "/solver/candidates = 0: must be in [1, 1e+06]", InvalidInput);
  CHECK_THROWS_WITH_AS(solve_dsbm(gaussian_pair(1, 20.0), small_matching()),
                       doctest::Contains("/solver/steps = 15: "), InvalidInput);
}
