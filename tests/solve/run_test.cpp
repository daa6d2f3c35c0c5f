#include "solve/run.hpp"

#include <doctest/doctest.h>

#include "otbridge/core/error.hpp"
#include "otbridge/measure/weighted_points.hpp"

using namespace otbridge;

namespace {

TransportProblem pair_of_points() {
  return {WeightedPoints(Points::Zero(1, 2)), WeightedPoints(Points::Ones(1, 2)),
          ReferenceProcess(1.0)};
}

}  // namespace

TEST_CASE("a run stops for the first reason it was given, and stays stopped") {
  const TransportProblem problem = pair_of_points();
  std::atomic<bool> cancel{false};
  SolveContext context;
  context.cancel = &cancel;
  Run run("test", problem, context);
  CHECK(!run.must_stop());
  CHECK(!run.asked_to_stop());
  cancel = true;
  CHECK(!run.asked_to_stop());  // nobody has looked
  CHECK(run.must_stop());
  cancel = false;
  CHECK(run.must_stop());
  CHECK(run.asked_to_stop() == StopReason::interrupted);
  CHECK(run.finish(nullptr, StopReason::interrupted).report.stop_reason == StopReason::interrupted);

  context.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  Run late("test", problem, context);
  CHECK(late.must_stop());
  CHECK(late.asked_to_stop() == StopReason::time_limit);

  context.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  Run soon("test", problem, context);
  CHECK(!soon.must_stop());
  CHECK(!soon.must_stop(1800.0));
  CHECK(soon.must_stop(7200.0));  // the answer would come an hour late
  CHECK(soon.must_stop());
  CHECK(soon.asked_to_stop() == StopReason::time_limit);
}

TEST_CASE("records reach the observer and the trace, with the time; what is only shown does not") {
  const TransportProblem problem = pair_of_points();
  std::vector<Progress> seen;
  SolveContext context;
  context.observer = [&](const Progress& progress) { seen.push_back(progress); };
  Run run("test", problem, context);
  Progress progress;
  progress.iteration = 7;
  progress.seconds = -1.0;
  run.show(progress);
  run.record(progress);
  REQUIRE(seen.size() == 2);
  REQUIRE(run.report().trace.size() == 1);
  CHECK(seen[0].seconds >= 0.0);
  CHECK(seen[1].seconds >= seen[0].seconds);
  CHECK(run.report().trace[0].iteration == 7);
  CHECK(run.report().trace[0].seconds == seen[1].seconds);
  CHECK(run.report().mean_cost == 1.0);
}

TEST_CASE("what a solver cannot take is refused by name") {
  class Still final : public TransportPlan {
   public:
    explicit Still(const TransportProblem& problem) : TransportPlan(problem) {}
    std::string_view name() const override { return "still"; }
    PlanState state() const override { return {}; }

   private:
    Points do_sample(ConstPoints x, Direction, const RandomStream&, Index) const override {
      return x;
    }
    Points do_map(ConstPoints x, Direction) const override { return x; }
  };
  const TransportProblem problem = pair_of_points();
  const Still plan(problem);
  SolveContext context;
  context.start = &plan;
  CHECK_THROWS_WITH_AS(Run("exact", problem, context),
                       "start: the solver exact takes no starting plan", InvalidInput);
}

TEST_CASE("a solver that does not ask for the checkpoint says that it keeps none") {
  class Nowhere final : public Checkpoint {
    std::optional<SolverState> load() override { return std::nullopt; }
    bool due() override { return true; }
    void save(const SolverState&) override {}
  };
  const TransportProblem problem = pair_of_points();
  Nowhere nowhere;
  SolveContext context;
  context.checkpoint = &nowhere;
  Run idle("test", problem, context);
  CHECK(idle.finish(nullptr, StopReason::converged).report.notes ==
        std::vector<std::string>{"the solver test has nothing to resume: it keeps no checkpoint"});
  Run kept("test", problem, context);
  CHECK(kept.checkpoint() == &nowhere);
  CHECK(kept.finish(nullptr, StopReason::converged).report.notes.empty());
}

TEST_CASE("a run that goes on from another counts its seconds") {
  const TransportProblem problem = pair_of_points();
  const SolveContext context;
  Run run("test", problem, context);
  run.goes_on_from(1000.0);
  const double seconds = run.finish(nullptr, StopReason::converged).report.seconds;
  CHECK(seconds >= 1000.0);
  CHECK(seconds < 2000.0);
}

TEST_CASE("a run has the threads of its context, and gives them back") {
  const TransportProblem problem = pair_of_points();
  const int before = current_threads();
  {
    const Run run("test", problem, SolveContext{.threads = before + 2});
    CHECK(current_threads() == before + 2);
  }
  CHECK(current_threads() == before);
}
