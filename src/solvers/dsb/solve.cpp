#include <algorithm>
#include <cmath>

#include "measure/moments.hpp"
#include "measure/sliced_distance.hpp"
#include "neural/drift_plan.hpp"
#include "neural/training.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "solve/run.hpp"
#include "solvers/dsb/reversal_pairs.hpp"

namespace otbridge {
namespace {

constexpr Index kMomentDraws = 20000;    // for laws whose moments are not known
constexpr Index kMarginalDraws = 16384;  // chains behind each marginal error, as the note says

void check(const TransportProblem& problem, const DsbSettings& settings) {
  check_settings(settings);
  // Refused here rather than met half way: the cache is allocated at the first pass.
  constexpr double kMemoryBound = 16.0 * 1024 * 1024 * 1024;
  const double bytes =
      training_bytes(problem.dimension(), settings.steps, settings.network, settings.training);
  if (bytes > kMemoryBound) {
    throw MemoryLimit("dsb: would need " + number_text(std::round(bytes * 1e-9)) +
                      " GB, the bound is 17; lower trajectories, batch or hidden");
  }
  // Beyond, an Euler step of the reference overshoots its mean.
  const double theta = problem.reference().theta();
  const double longest = StepGrid::named(settings.schedule, settings.steps).longest();
  if (theta * longest >= 1.0) {
    throw InvalidInput(
        "/solver/steps = " + std::to_string(settings.steps),
        "the longest step times theta = " + number_text(theta) + " must be < 1; take more steps");
  }
}

// One half step of the alternation: the direction whose network it fits, at iteration n >= 1.
struct HalfStep {
  Index n;
  Direction direction;

  std::string phase() const {
    return "iteration " + std::to_string(n) +
           (direction == Direction::forward ? " forward" : " backward");
  }
};

// Both networks, and what the report says of them so far.
class Alternation {
 public:
  Alternation(Run& run, const TransportProblem& problem, const DsbSettings& settings)
      : run_(run),
        problem_(problem),
        settings_(settings),
        stream_(run.context().seed, Purpose::training),
        design_(std::make_shared<const DriftDesign>(DriftDesign{
            problem.reference(), StepGrid::named(settings.schedule, settings.steps),
            mean_variances(*problem.source(), kMomentDraws, stream_.fork(0)),
            mean_variances(*problem.target(), kMomentDraws, stream_.fork(1)), settings.network})),
        forward_(design_, Direction::forward),
        backward_(design_, Direction::backward) {
    measure(Direction::forward);  // of the reference, which is what F^0 simulates
  }

  // Fits the drift of a direction to the reversal of the other's chain; false if it ended the run.
  bool fit(const HalfStep& half_step);
  Solution finish();

 private:
  DriftNetwork& network(Direction direction) {
    return direction == Direction::forward ? forward_ : backward_;
  }
  // Simulates the direction's chain and compares its end with the law that it should have.
  void measure(Direction direction);
  // fitted: the part of the present half step that is done.
  Progress progress(const HalfStep& half_step, double fitted) const;
  StopReason stop_reason() const;

  Run& run_;
  const TransportProblem& problem_;
  const DsbSettings& settings_;
  RandomStream stream_;
  std::shared_ptr<const DriftDesign> design_;
  DriftNetwork forward_, backward_;
  TrainingOutcome outcome_ = TrainingOutcome::finished;  // of the last half step
  Index fits_ = 0;                                       // half steps made
};

bool Alternation::fit(const HalfStep& half_step) {
  Index shown = 0;
  const auto proceed = [&](double fitted) {
    constexpr double kReportsPerHalfStep = 20.0;
    const auto due = static_cast<Index>(fitted * kReportsPerHalfStep);
    // The end itself is recorded below, with the loss and the new errors.
    if (due > shown && fitted < 1.0) run_.show(progress(half_step, fitted));
    shown = std::max(shown, due);
    return !run_.must_stop();
  };

  // Falling over the iterations, so that the late fits, which change little, average over each
  // other.
  const double rate =
      settings_.training.learning_rate / (1.0 + 0.5 * static_cast<double>(half_step.n - 1));
  const Direction chain = opposite(half_step.direction);
  const ReversalPairs pairs(problem_.start(chain), network(chain));
  const RandomStream draws = stream_.fork(static_cast<std::uint64_t>(2 + fits_));  // 0, 1: moments
  const TrainingResult result =
      train(network(half_step.direction), pairs, settings_.training, rate, draws, proceed);
  outcome_ = result.outcome;
  ++fits_;
  if (outcome_ != TrainingOutcome::diverged) measure(half_step.direction);

  Progress record = progress(half_step, 0.0);
  record.iteration = half_step.n;
  record.loss = result.loss;
  run_.record(record);
  return outcome_ == TrainingOutcome::finished;
}

void Alternation::measure(Direction direction) {
  // Fresh chains every time, on a stream apart from training: the error is of what was learnt.
  const RandomStream draws =
      RandomStream(run_.context().seed, Purpose::metrics).fork(static_cast<std::uint64_t>(fits_));
  const ReferenceProcess& reference = problem_.reference();
  const DriftNetwork& drift = network(direction);
  const Points start = problem_.start(direction)->sample(kMarginalDraws, draws.fork(0));
  const Points end =
      simulate_chain(design_->grid, [&](double t, ConstPoints x) { return drift.at(t, x); }, start,
                     direction, {reference.epsilon(), draws.fork(1)});
  SolveReport& report = run_.report();
  auto& error =
      direction == Direction::forward ? report.marginal_error_target : report.marginal_error_source;
  error = relative_sliced_error(end, problem_.start(opposite(direction)),
                                std::sqrt(reference.endpoint_variance()), draws.fork(2));
  if (direction == Direction::forward) {
    // E |y - a x|^2 / 2 over the ends of the chains.
    report.value_linear = 0.5 * (end - reference.endpoint_decay() * start).squaredNorm() /
                          static_cast<double>(kMarginalDraws);
  }
}

Progress Alternation::progress(const HalfStep& half_step, double fitted) const {
  const Index fits = settings_.iterations == 1 ? 1 : 2 * settings_.iterations;
  const double share = 1.0 / static_cast<double>(fits);
  Progress record;
  record.phase = half_step.phase();
  record.iteration = half_step.n - 1;
  record.iteration_limit = settings_.iterations;
  record.fraction = static_cast<double>(fits_) * share + fitted * share;
  record.marginal_error_source = run_.report().marginal_error_source;
  record.marginal_error_target = run_.report().marginal_error_target;
  return record;
}

StopReason Alternation::stop_reason() const {
  switch (outcome_) {
    case TrainingOutcome::diverged:
      return StopReason::diverged;
    case TrainingOutcome::stopped:
      return run_.asked_to_stop().value_or(StopReason::interrupted);
    case TrainingOutcome::finished:
      break;
  }
  const auto within = [&](const std::optional<double>& error) {
    return error && *error <= settings_.tolerance;
  };
  const SolveReport& report = run_.report();
  return within(report.marginal_error_source) && within(report.marginal_error_target)
             ? StopReason::converged
             : StopReason::iteration_limit;
}

Solution Alternation::finish() {
  SolveReport& report = run_.report();
  report.iterations = (fits_ + 1) / 2;  // one with its backward fit alone counts
  report.notes.push_back(
      "marginal errors are sliced W2 between 16384 chain ends and 16384 draws, over the law's "
      "standard deviation");
  if (!forward_.fitted()) {
    report.notes.push_back("no forward fit was made: the forward process is the reference");
  }
  if (outcome_ == TrainingOutcome::diverged) {
    report.notes.push_back("training diverged in " + report.trace.back().phase +
                           "; the networks before it are kept; try a lower learning_rate");
  }
  auto plan = std::make_unique<const DriftPlan>("dsb", problem_, std::move(forward_),
                                                std::move(backward_), settings_.map_samples);
  return run_.finish(std::move(plan), stop_reason());
}

}  // namespace

// De Bortoli et al. 2021, Algorithm 1: B^n reverses the chain of F^{n-1} started at the source
// (F^0 the reference), then F^n reverses the chain of B^n started at the target.
Solution solve_dsb(const TransportProblem& problem, const DsbSettings& settings,
                   const SolveContext& context) {
  check(problem, settings);
  Run run("dsb", problem, context);
  Alternation alternation(run, problem, settings);
  for (Index n = 1; n <= settings.iterations; ++n) {
    if (!alternation.fit({n, Direction::backward})) break;
    if (settings.iterations == 1) break;  // score-based generative modelling
    if (!alternation.fit({n, Direction::forward})) break;
  }
  return alternation.finish();
}

std::unique_ptr<const TransportPlan> restore_dsb(const TransportProblem& problem,
                                                 const PlanState& state) {
  return restore_drift_plan(problem, state);
}

}  // namespace otbridge
