// Runs of the neural solvers that are cut and go on end as runs that are not.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/solve/checkpoint.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "otbridge/solvers/dsbm.hpp"

using namespace otbridge;

namespace {

struct Killed {};

// Keeps the last state, and does something once it has been asked `patience` times.
class Memory final : public Checkpoint {
 public:
  std::optional<SolverState> load() override { return state; }
  bool due() override {
    if (patience-- != 1) return false;
    if (then) then();
    return true;
  }
  void save(const SolverState& saved) override {
    state = saved;
    if (dies && patience <= 0) throw Killed{};
  }

  std::optional<SolverState> state;
  int patience = 1000000;
  bool dies = false;
  std::function<void()> then;
};

using Solve = std::function<Solution(const SolveContext&)>;

// Small, but with everything: two iterations, each training of 7 steps in passes of 3, 3 and 1.
template <class Settings>
Settings small() {
  Settings settings;
  settings.iterations = 2;
  settings.steps = 4;
  settings.training.steps = 7;
  settings.training.batch = 16;
  settings.training.trajectories = 8;
  settings.training.thinning = 1;
  settings.network.hidden = {6};
  settings.map_samples = 2;
  return settings;
}

TransportProblem moons_to_gaussian() {
  return {Toy("moons"), Gaussian::isotropic(Vector::Zero(2), 1.0), ReferenceProcess(0.5, 0.2)};
}

Solve dsb(const std::string& start = "reference") {
  return [start](const SolveContext& context) {
    auto settings = small<DsbSettings>();
    settings.start = start;
    settings.samples = 50;
    return solve_dsb(moons_to_gaussian(), settings, context);
  };
}

Solve dsbm(const std::string& start) {
  return [start](const SolveContext& context) {
    auto settings = small<DsbmSettings>();
    settings.start = start;
    settings.samples = 50;
    return solve_dsbm(moons_to_gaussian(), settings, context);
  };
}

// All but the seconds, to the bit.
void check_same(const Solution& found, const Solution& expected) {
  CHECK(found.plan->state().numbers == expected.plan->state().numbers);
  CHECK(found.plan->state().arrays == expected.plan->state().arrays);
  const SolveReport &a = found.report, &b = expected.report;
  CHECK(a.stop_reason == b.stop_reason);
  CHECK(a.iterations == b.iterations);
  CHECK(a.notes == b.notes);
  CHECK(a.draws == b.draws);
  CHECK(a.value_linear == b.value_linear);
  CHECK(a.marginal_error_source == b.marginal_error_source);
  CHECK(a.marginal_error_target == b.marginal_error_target);
  REQUIRE(a.rounds.size() == b.rounds.size());
  for (std::size_t k = 0; k < a.rounds.size(); ++k) {
    CHECK(a.rounds[k].iteration == b.rounds[k].iteration);
    CHECK(a.rounds[k].path_divergence == b.rounds[k].path_divergence);
    CHECK(a.rounds[k].midpoint_variance == b.rounds[k].midpoint_variance);
    CHECK(a.rounds[k].value_linear == b.rounds[k].value_linear);
    CHECK(a.rounds[k].path_kl == b.rounds[k].path_kl);
  }
  REQUIRE(a.trace.size() == b.trace.size());
  for (std::size_t k = 0; k < a.trace.size(); ++k) {
    CHECK(a.trace[k].phase == b.trace[k].phase);
    CHECK(a.trace[k].iteration == b.trace[k].iteration);
    CHECK(a.trace[k].iteration_limit == b.trace[k].iteration_limit);
    CHECK(a.trace[k].fraction == b.trace[k].fraction);
    CHECK(a.trace[k].loss == b.trace[k].loss);
    CHECK(a.trace[k].marginal_error_source == b.trace[k].marginal_error_source);
    CHECK(a.trace[k].marginal_error_target == b.trace[k].marginal_error_target);
  }
}

// Killed at every place where a state may be saved: after each step, hence within passes and at
// their ends, and after each half step. The number of runs.
int run_in_pieces(const Solve& solve, Memory& memory) {
  memory.patience = 1;
  memory.dies = true;
  SolveContext whole;
  whole.to_truth.of = [](const TransportPlan& plan) -> std::optional<double> {
    const Points x = Points::Ones(1, plan.problem().dimension());
    const double found = plan.drift()->at(0.5, x, Direction::forward)(0, 0);
    return found > 0.0 ? std::optional(found) : std::nullopt;
  };
  SolveContext context = whole;
  context.checkpoint = &memory;
  for (int runs = 1;; ++runs) {
    try {
      const Solution solution = solve(context);
      check_same(solution, solve(whole));
      return runs;
    } catch (const Killed&) {
      memory.patience = 1;
    }
  }
}

}  // namespace

TEST_CASE("[full] a run that is killed after every step ends with the same bytes") {
  // Four half steps, or three where the first two are made together, killed after each of 7 steps
  // and then at their ends; the last run has no more to learn.
  const std::pair<Solve, int> cases[] = {{dsb(), 4},
                                         {dsb("gaussian"), 4},
                                         {dsb("mixture"), 4},
                                         {dsbm("sinkhorn"), 3},
                                         {dsbm("reference"), 4}};
  for (const auto& [solve, trainings] : cases) {
    Memory memory;
    CHECK(run_in_pieces(solve, memory) == trainings * (7 + 1) + 1);
  }
}

TEST_CASE("a cancelled run leaves the state it stopped at, and goes on from there") {
  // In the first half step, in the first two together, and in the third, after a whole round.
  struct Cut {
    Solve solve;
    int steps;
    bool source_known, target_known;  // the errors of the networks that the plan has
    std::vector<std::string> notes;   // how those of the interruption begin
  };
  const Cut cuts[] = {{dsb(), 3, false, true, {"stopped early: how far the backward network"}},
                      {dsbm("independent"),
                       3,
                       false,
                       false,
                       {"stopped early: how far the backward network",
                        "stopped early: how far the forward network"}},
                      {dsbm("independent"),
                       12,
                       true,
                       true,
                       {"stopped early in iteration 2 backward; the networks before it are kept"}}};
  for (const auto& [solve, steps, source_known, target_known, notes] : cuts) {
    CAPTURE(notes.front());
    Memory memory;
    std::atomic<bool> cancel{false};
    memory.patience = steps;
    memory.then = [&cancel] { cancel = true; };
    SolveContext context;
    context.cancel = &cancel;
    context.checkpoint = &memory;
    const Solution cut = solve(context);
    const SolveReport& report = cut.report;
    CHECK(report.stop_reason == StopReason::interrupted);
    CHECK(report.marginal_error_source.has_value() == source_known);
    CHECK(report.marginal_error_target.has_value() == target_known);
    CHECK(report.value_linear.has_value() == target_known);
    std::vector<std::string> found;
    std::ranges::copy_if(report.notes, std::back_inserter(found),
                         [](const std::string& note) { return note.starts_with("stopped early"); });
    REQUIRE(found.size() == notes.size());
    for (std::size_t k = 0; k < notes.size(); ++k) CHECK(found[k].starts_with(notes[k]));
    REQUIRE(memory.state);
    cancel = false;
    if (steps == 12) {
      // The plan is that of the first round, and so are its errors.
      CHECK(cut.plan->state().array("backward_weights") ==
            memory.state->parts.arrays.at("backward_weights"));
      REQUIRE(report.rounds.size() == 1);
      CHECK(report.marginal_error_source == report.rounds[0].marginal_error_source);
      CHECK(report.marginal_error_target == report.rounds[0].marginal_error_target);
    }
    check_same(solve(context), solve({}));
  }
}

TEST_CASE("path KLs of a state are forgotten by a run that measures from another bridge") {
  const auto distance = [](const std::string& from, double value) {
    return DistanceToTruth{[value](const TransportPlan&) { return std::optional(value); }, from};
  };
  const auto resumed = [&](const DistanceToTruth& then) {
    Memory memory;
    SolveContext context;
    context.checkpoint = &memory;
    context.to_truth = distance("one", 1.0);
    memory.patience = 2 * 7 + 3;  // in the second round
    memory.dies = true;
    CHECK_THROWS_AS(dsb()(context), Killed);
    memory.dies = false;
    context.to_truth = then;
    const SolveReport report = dsb()(context).report;
    REQUIRE(report.rounds.size() == 2);
    return std::pair(report.rounds[0].path_kl, report.rounds[1].path_kl);
  };
  CHECK(resumed(distance("one", 2.0)) == std::pair(std::optional(1.0), std::optional(2.0)));
  CHECK(resumed(distance("two", 2.0)) == std::pair(std::optional<double>(), std::optional(2.0)));
  CHECK(resumed({}) == std::pair(std::optional<double>(), std::optional<double>()));
}

// A state that lacks the second training.
TEST_CASE(
    "two half steps are trained one after the other where the first is ahead, to the same bytes") {
  Memory memory;
  SolveContext context;
  context.checkpoint = &memory;
  memory.patience = 3;
  memory.dies = true;
  const Solve solve = dsbm("independent");
  CHECK_THROWS_AS(solve(context), Killed);
  memory.dies = false;
  std::erase_if(memory.state->parts.arrays,
                [](const auto& entry) { return entry.first.starts_with("second_training."); });
  check_same(solve(context), solve({}));
}

TEST_CASE("a training that goes on is still judged by its first loss") {
  Memory memory;
  SolveContext context;
  context.checkpoint = &memory;
  memory.patience = 3;
  memory.dies = true;
  CHECK_THROWS_AS(dsb()(context), Killed);
  memory.dies = false;
  memory.state->parts.arrays.at("training.first_loss")(0, 0) = -2.0;  // every other is a runaway
  CHECK(dsb()(context).report.stop_reason == StopReason::diverged);
}

TEST_CASE("the seconds of a run that went on are those of all its parts") {
  Memory memory;
  SolveContext context;
  context.checkpoint = &memory;
  dsb()(context);
  REQUIRE(memory.state);
  memory.state->parts.arrays.at("seconds")(0, 0) = 5000.0;
  CHECK(dsb()(context).report.seconds > 5000.0);
}

// The state of a run that is over, with its last round made much worse than the first one.
TEST_CASE("a round that ended nearer to the laws is kept") {
  Memory memory;
  SolveContext context;
  context.checkpoint = &memory;
  const Solution whole = dsb()(context);
  REQUIRE(memory.state);
  REQUIRE(whole.report.rounds.size() == 2);
  SolverState done = *memory.state;
  auto& arrays = done.parts.arrays;
  const Points first = Points::Constant(arrays.at("forward_weights").rows(), 1, 0.25);
  arrays["best.fit"](0, 0) = 1.0;  // the second half step ends the first round
  arrays["best.forward_weights"] = first;
  arrays["best.backward_weights"] = -first;
  constexpr Index kSource = 1, kTarget = 2, kLinear = 4;  // columns of a record
  Points& records = arrays.at("records");
  records(1, kTarget) = 2.0 * records(1, kSource);
  const auto kept = [&](double last_error) {
    records(3, kTarget) = last_error * records(1, kTarget);
    records(3, kSource) = records(1, kSource);
    memory.state = done;
    return dsb()(context);
  };
  // A little worse may be chance.
  CHECK(kept(1.9).plan->state().arrays == whole.plan->state().arrays);
  const Solution better = kept(2.1);
  CHECK(better.plan->state().array("forward_weights") == first);
  CHECK(better.plan->state().array("backward_weights") == -first);
  CHECK(better.report.marginal_error_target == records(1, kTarget));
  CHECK(better.report.value_linear == records(1, kLinear));
  const auto says_so = [](const std::string& note) {
    return note.starts_with("iteration 1 is kept");
  };
  CHECK(std::ranges::any_of(better.report.notes, says_so));
}

// Rates so small that nothing changes: later rounds are better by chance alone.
TEST_CASE("rounds that bring nothing end the run, cut or not") {
  DsbSettings settings = small<DsbSettings>();
  settings.iterations = 60;
  settings.patience = 4;
  settings.training.learning_rate = 1e-12;
  const Solve solve = [&](const SolveContext& context) {
    return solve_dsb(moons_to_gaussian(), settings, context);
  };
  const Solution whole = solve({});
  const std::vector<Round>& rounds = whole.report.rounds;
  REQUIRE(rounds.size() > 4);
  REQUIRE(rounds.size() < 60);
  CHECK(whole.report.iterations == static_cast<Index>(rounds.size()));
  CHECK(whole.report.trace.size() == 2 * rounds.size());
  // From the report: the last four are no better in either figure, the one before them is.
  const auto better = [&](std::size_t n) {
    double error = 1e300, divergence = 1e300;
    for (std::size_t k = 0; k < n; ++k) {
      error = std::min(error,
                       std::max(rounds[k].marginal_error_source, rounds[k].marginal_error_target));
      divergence = std::min(divergence, rounds[k].path_divergence);
    }
    return std::max(rounds[n].marginal_error_source, rounds[n].marginal_error_target) < error ||
           rounds[n].path_divergence + rounds[n].path_divergence_error < divergence;
  };
  CHECK(better(rounds.size() - 5));
  for (std::size_t n = rounds.size() - 4; n < rounds.size(); ++n) CHECK_FALSE(better(n));
  const auto says_so = [&](const std::string& note) {
    return note.starts_with("ended after iteration " + std::to_string(rounds.size()));
  };
  CHECK(std::ranges::any_of(whole.report.notes, says_so));

  Memory memory;
  SolveContext context;
  context.checkpoint = &memory;
  memory.patience = 9;
  memory.dies = true;
  CHECK_THROWS_AS(solve(context), Killed);
  memory.dies = false;
  for (int again = 0; again < 2; ++again) {  // from the middle, and from the end
    const Solution resumed = solve(context);
    CHECK(resumed.plan->state().arrays == whole.plan->state().arrays);
    CHECK(resumed.report.iterations == whole.report.iterations);
  }
  settings.patience = 0;
  settings.iterations = static_cast<Index>(rounds.size()) + 2;
  CHECK(solve({}).report.iterations == settings.iterations);
}

TEST_CASE("a state that does not fit is refused by what is wrong with it") {
  Memory memory;
  memory.patience = 5;
  memory.dies = true;
  SolveContext context;
  context.checkpoint = &memory;
  CHECK_THROWS_AS(dsb()(context), Killed);
  memory.dies = false;
  const SolverState good = memory.state.value();
  const auto refusal = [&](const std::function<void(SolverState&)>& change,
                           const Solve& solve) -> std::string {
    SolverState changed = good;
    change(changed);
    memory.state = changed;
    try {
      solve(context);
    } catch (const InvalidInput& error) {
      return error.what();
    }
    return "";
  };
  const auto arrays = [](SolverState & state) -> auto& { return state.parts.arrays; };
  CHECK(refusal([](SolverState&) {}, dsbm("reference")) ==
        "checkpoint of dsb: cannot be resumed by dsbm");
  CHECK(refusal([](SolverState& s) { s.texts["kernel_set"] = "abacus"; }, dsb())
            .starts_with("checkpoint of dsb: differs in kernel_set (abacus, now "));
  CHECK(refusal([&](SolverState& s) { arrays(s).erase("training.average"); }, dsb()) ==
        "checkpoint of dsb: has no entry \"training.average\"");
  CHECK(
      refusal([&](SolverState& s) { arrays(s)["training.weights"] = Points::Zero(3, 1); }, dsb()) ==
      "checkpoint of dsb: the shape of \"training.weights\" does not fit the run");
  for (const double step : {0.0, 8.0, 2.5, -1.0}) {
    CHECK(refusal([&](SolverState& s) { arrays(s)["training.step"](0, 0) = step; }, dsb()) ==
          "checkpoint of dsb: \"training.step\" must be a whole number from 1 to 7");
  }
  CHECK(refusal([&](SolverState& s) { arrays(s)["records"] = Points::Zero(2, 9); }, dsb()) ==
        "checkpoint of dsb: its parts contradict each other");
  // Two networks at a time are at the same step.
  const auto at_another_step = [&](SolverState& s) {
    const auto before = arrays(s);
    for (const auto& [name, array] : before) {
      if (name.starts_with("training.")) arrays(s)["second_" + name] = array;
    }
    arrays(s)["second_training.step"](0, 0) += 1.0;
  };
  CHECK(refusal(at_another_step, dsb()) == "checkpoint of dsb: its parts contradict each other");
  CHECK(refusal([](SolverState&) {}, dsb()).empty());
}
