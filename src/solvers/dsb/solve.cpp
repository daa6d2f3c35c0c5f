#include <algorithm>
#include <chrono>
#include <cmath>

#include "measure/sliced_distance.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "solvers/dsb/training.hpp"

namespace otbridge {
namespace {

constexpr Index kMomentDraws = 20000;    // for laws whose moments are not known
constexpr Index kMarginalDraws = 16384;  // chains behind each marginal error

DriftDesign::Moments moments(const Measure& law, const RandomStream& stream) {
  const auto mean = law->mean();
  const auto covariance = law->covariance();
  if (mean && covariance) return {mean->transpose(), covariance->diagonal().transpose()};
  const Points draws = law->sample(kMomentDraws, stream);
  const RowVector center = draws.colwise().mean();
  return {center, (draws.rowwise() - center).array().square().colwise().mean()};
}

// Bytes of the largest cache of paths and of the gradient of every shard.
double memory_needed(Index dimension, const DsbSettings& settings) {
  const auto size = [](Index n) { return static_cast<double>(n); };
  const double pairs = std::min(0.5 * size(settings.training_steps) * size(settings.batch),
                                size(settings.trajectories) * size(settings.steps));
  const double pair_bytes = 8.0 * size(2 * dimension + settings.time_features);
  double parameters = 0.0;
  Index below = dimension + settings.time_features;
  for (const Index width : settings.hidden) {
    parameters += size(below + 1) * size(width);
    below = width;
  }
  parameters += size(below + 1) * size(dimension);
  return pairs * pair_bytes + 4.0 * parameters * (6.0 + size(settings.batch) / size(kTileRows));
}

void check(const TransportProblem& problem, const DsbSettings& settings) {
  check_settings(settings);
  constexpr double kMemoryBound = 16.0 * 1024 * 1024 * 1024;
  const double bytes = memory_needed(problem.dimension(), settings);
  if (bytes > kMemoryBound) {
    throw MemoryLimit("dsb: would need " + number_text(std::round(bytes * 1e-9)) +
                      " GB, the bound is 17; lower trajectories, batch or hidden");
  }
  const double theta = problem.reference().theta();
  const double longest = StepGrid::named(settings.schedule, settings.steps).longest();
  if (theta * longest >= 1.0) {
    throw InvalidInput(
        "/solver/steps = " + std::to_string(settings.steps),
        "the longest step times theta = " + number_text(theta) + " must be < 1; take more steps");
  }
}

// The state of the alternation: both networks, the error of each end, and what stops it.
class Alternation {
 public:
  Alternation(const TransportProblem& problem, const DsbSettings& settings,
              const SolveContext& context)
      : problem_(problem),
        settings_(settings),
        context_(context),
        started_(std::chrono::steady_clock::now()),
        stream_(context.seed, Purpose::training),
        frame_(std::make_shared<const DriftDesign>(DriftDesign{
            problem.reference(), StepGrid::named(settings.schedule, settings.steps),
            moments(problem.source(), stream_.fork(0)), moments(problem.target(), stream_.fork(1)),
            settings.hidden, settings.time_features})),
        forward_(frame_, Direction::forward),
        backward_(frame_, Direction::backward),
        report_(start_report("dsb", problem, context)) {
    measure(Direction::forward);  // of the reference, which is what F^0 simulates
  }

  // Fits the drift of `direction` to the reversal of the other's chain; false if it ended the run.
  bool half_step(Index iteration, Direction direction);
  Solution finish();

  Index half_steps() const { return settings_.iterations == 1 ? 1 : 2 * settings_.iterations; }

 private:
  DriftNetwork& network(Direction direction) {
    return direction == Direction::forward ? forward_ : backward_;
  }
  std::optional<double>& error_at_end(Direction direction) {
    return direction == Direction::forward ? report_.marginal_error_target
                                           : report_.marginal_error_source;
  }
  Points chain_end(ConstPoints start, Direction direction, const RandomStream& stream) {
    const DriftNetwork& drift = network(direction);
    return simulate_chain(frame_->grid, [&](double t, ConstPoints x) { return drift.at(t, x); },
                          start, direction, {frame_->reference.epsilon(), stream});
  }
  void measure(Direction direction);
  Progress progress(const std::string& phase, Index iteration, double fraction) const;

  const TransportProblem& problem_;
  const DsbSettings& settings_;
  const SolveContext& context_;
  std::chrono::steady_clock::time_point started_;
  RandomStream stream_;
  std::shared_ptr<const DriftDesign> frame_;
  DriftNetwork forward_, backward_;
  SolveReport report_;
  std::optional<StopReason> ended_;
  Index half_steps_done_ = 0;
};

bool Alternation::half_step(Index iteration, Direction direction) {
  const std::string phase = "iteration " + std::to_string(iteration) +
                            (direction == Direction::forward ? " forward" : " backward");
  const double share = 1.0 / static_cast<double>(half_steps());
  const double before = static_cast<double>(half_steps_done_) * share;
  Index shown = 0;
  const auto watch = [&](double fraction) -> std::optional<StopReason> {
    constexpr double kReportsPerHalfStep = 20.0;
    const auto due = static_cast<Index>(fraction * kReportsPerHalfStep);
    if (context_.observer && due > shown && fraction < 1.0) {
      context_.observer(progress(phase, iteration - 1, before + fraction * share));
    }
    shown = std::max(shown, due);
    if (context_.cancelled()) return StopReason::interrupted;
    if (context_.past_deadline()) return StopReason::time_limit;
    return std::nullopt;
  };

  // Falling over the iterations, so that the late fits, which change little, average over each
  // other.
  const double rate = settings_.learning_rate / (1.0 + 0.5 * static_cast<double>(iteration - 1));
  const auto tag = static_cast<std::uint64_t>(2 + half_steps_done_);
  const HalfStep result = fit_reversal(*frame_, settings_, problem_.start(opposite(direction)),
                                       network(opposite(direction)), network(direction), direction,
                                       rate, stream_.fork(tag), watch);
  ++half_steps_done_;
  ended_ = result.ended;
  if (ended_ != StopReason::diverged) measure(direction);

  Progress record = progress(phase, iteration, static_cast<double>(half_steps_done_) * share);
  record.loss = result.loss;
  report_.trace.push_back(record);
  if (context_.observer) context_.observer(record);
  return !ended_.has_value();
}

void Alternation::measure(Direction direction) {
  const RandomStream draws = RandomStream(context_.seed, Purpose::metrics)
                                 .fork(static_cast<std::uint64_t>(half_steps_done_));
  const Points start = problem_.start(direction)->sample(kMarginalDraws, draws.fork(0));
  const Points end = chain_end(start, direction, draws.fork(1));
  const double unit = std::sqrt(problem_.reference().endpoint_variance());
  error_at_end(direction) =
      relative_sliced_error(end, problem_.start(opposite(direction)), unit, draws.fork(2));
  if (direction == Direction::forward) {
    report_.value_linear = 0.5 *
                           (end - problem_.reference().endpoint_decay() * start).squaredNorm() /
                           static_cast<double>(kMarginalDraws);
  }
}

Progress Alternation::progress(const std::string& phase, Index iteration, double fraction) const {
  Progress record;
  record.phase = phase;
  record.iteration = iteration;
  record.iteration_limit = settings_.iterations;
  record.fraction = fraction;
  record.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  record.marginal_error_source = report_.marginal_error_source;
  record.marginal_error_target = report_.marginal_error_target;
  return record;
}

Solution Alternation::finish() {
  const auto within = [&](const std::optional<double>& error) {
    return error && *error <= settings_.tolerance;
  };
  report_.stop_reason =
      ended_.value_or(within(report_.marginal_error_source) && within(report_.marginal_error_target)
                          ? StopReason::converged
                          : StopReason::iteration_limit);
  report_.iterations = (half_steps_done_ + 1) / 2;
  report_.seconds = progress("", 0, 1.0).seconds;
  report_.notes.push_back(
      "marginal errors are sliced W2 between 16384 chain ends and 16384 draws, over the law's "
      "standard deviation");
  if (!forward_.fitted()) {
    report_.notes.push_back("no forward fit was made: the forward process is the reference");
  }
  if (ended_ == StopReason::diverged) {
    report_.notes.push_back("training diverged in " + report_.trace.back().phase +
                            "; the networks before it are kept; try a lower learning_rate");
  }
  auto plan = std::make_unique<const DriftPlan>(problem_, frame_, std::move(forward_),
                                                std::move(backward_), settings_.map_samples);
  return {std::move(plan), std::move(report_)};
}

}  // namespace

// De Bortoli et al. 2021, Algorithm 1: B^n reverses the chain of F^{n-1} started at the source
// (F^0 the reference), then F^n reverses the chain of B^n started at the target.
Solution solve_dsb(const TransportProblem& problem, const DsbSettings& settings,
                   const SolveContext& context) {
  check(problem, settings);
  const ThreadScope threads(context.threads);
  Alternation alternation(problem, settings, context);
  for (Index n = 1; n <= settings.iterations; ++n) {
    if (!alternation.half_step(n, Direction::backward)) break;
    if (settings.iterations == 1) break;  // score-based generative modelling
    if (!alternation.half_step(n, Direction::forward)) break;
  }
  return alternation.finish();
}

std::unique_ptr<const TransportPlan> restore_dsb(const TransportProblem& problem,
                                                 const PlanState& state) {
  return restore_drift_plan(problem, state);
}

}  // namespace otbridge
