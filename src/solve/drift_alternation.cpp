#include "solve/drift_alternation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/kernel_set.hpp"
#include "measure/moments.hpp"
#include "measure/sliced_distance.hpp"
#include "neural/agreement.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solve/report_text.hpp"

namespace otbridge {
namespace {

constexpr Index kMomentDraws = 20000;    // for laws whose moments are not known
constexpr Index kMarginalDraws = 16384;  // chains behind each marginal error, as the note says
constexpr Index kRoundDraws = 8192;      // and, each way, behind the other figures of a round
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double larger_error(const FitRecord& fit) {
  return std::max(fit.marginal_error_source, fit.marginal_error_target);
}

// Rounds after the last one that was better than all before it: ends nearer to the laws, or two
// chains nearer to each other by more than the error of that.
Index rounds_in_vain(const std::vector<FitRecord>& fits) {
  double least_error = std::numeric_limits<double>::infinity(), least_divergence = least_error;
  Index vain = 0;
  for (const FitRecord& fit : fits) {
    if (std::isnan(fit.path_divergence)) continue;  // the first half of a round
    const bool nearer = larger_error(fit) < least_error;
    const bool closer = fit.path_divergence + fit.path_divergence_error < least_divergence;
    vain = nearer || closer ? 0 : vain + 1;
    least_error = std::min(least_error, larger_error(fit));
    least_divergence = std::min(least_divergence, fit.path_divergence);
  }
  return vain;
}

// Refused here rather than met half way: the cache is allocated at the first pass, and chains are
// measured when the first network is there.
AlternationSettings checked(const std::string& solver, const TransportProblem& problem,
                            AlternationSettings settings) {
  constexpr double kMemoryBound = 16.0 * 1024 * 1024 * 1024;
  const Index d = problem.dimension();
  // Where chains start, three states of an Euler step or six of Heun's, where they end; or their
  // ends beside fresh draws.
  constexpr double kMeasured = 8.0 * sizeof(double) * static_cast<double>(kMarginalDraws);
  if (kMeasured * static_cast<double>(d) > kMemoryBound) {
    throw MemoryLimit(solver + ": would need " +
                      number_text(std::round(1e-9 * kMeasured * static_cast<double>(d))) +
                      " GB to measure chains of dimension " + std::to_string(d) +
                      ", the bound is 17");
  }
  const double bytes =
      static_cast<double>(settings.together) *
      training_bytes(d, settings.grid.steps(), settings.network, settings.training);
  if (bytes > kMemoryBound) {
    throw MemoryLimit(
        solver + ": would need " + number_text(std::round(bytes * 1e-9)) +
        " GB, the bound is 17; lower trajectories, batch or hidden, or raise thinning");
  }
  // Beyond, an Euler step of the reference overshoots its mean.
  const double theta = problem.reference().theta();
  if (theta * settings.grid.longest() >= 1.0) {
    throw InvalidInput(
        "/solver/steps = " + std::to_string(settings.grid.steps()),
        "the longest step times theta = " + number_text(theta) + " must be < 1; take more steps");
  }
  return settings;
}

std::string phase(const HalfStep& half_step) {
  return "iteration " + std::to_string(half_step.n) +
         (half_step.direction == Direction::forward ? " forward" : " backward");
}

// Mixed precision only where the kernels have it, so that a plan says in which it was trained.
NetworkSettings possible_here(NetworkSettings network) {
  if (kernels::select_kernel_set().network_f32.mixed == nullptr) network.precision = "single";
  return network;
}

}  // namespace

DriftAlternation::DriftAlternation(Run& run, const TransportProblem& problem,
                                   AlternationSettings settings)
    : run_(run),
      problem_(problem),
      settings_(checked(run.report().solver, problem, std::move(settings))),
      stream_(run.context().seed, Purpose::training),
      design_(std::make_shared<const DriftDesign>(
          DriftDesign{problem.reference(), settings_.grid,
                      mean_variances(*problem.source(), kMomentDraws, stream_.fork(0)),
                      mean_variances(*problem.target(), kMomentDraws, stream_.fork(1)),
                      possible_here(settings_.network), settings_.base})),
      forward_(design_, Direction::forward),
      backward_(design_, Direction::backward),
      checkpoint_(run.checkpoint()) {
  run.use_kernels();
  find_floors();
  measure(Direction::forward);  // of the reference, which is what an unfitted network is
  if (checkpoint_ == nullptr) return;
  if (const auto packed = checkpoint_->load()) resume(*packed);
}

void DriftAlternation::resume(const SolverState& packed) {
  resumed_ = unpack(run_.report().solver, packed,
                    {forward_.network(), settings_.fits, settings_.training});
  if (resumed_.truth != run_.context().to_truth.from) {
    for (FitRecord& fit : resumed_.fits) fit.path_kl = kNone;
  }
  if (resumed_.forward.size() > 0) forward_.set_weights(resumed_.forward);
  if (resumed_.backward.size() > 0) backward_.set_weights(resumed_.backward);
  training_ = std::move(resumed_.training);
  best_ = std::move(resumed_.best);
  run_.goes_on_from(resumed_.seconds);
}

void DriftAlternation::save(Checkpoint& checkpoint) const {
  const SolveReport& report = run_.report();
  checkpoint.save(pack(report.solver, {.seconds = run_.seconds(),
                                       .truth = run_.context().to_truth.from,
                                       .fits = records_,
                                       .forward = forward_.weights(),
                                       .backward = backward_.weights(),
                                       .best = best_,
                                       .draws = report.draws,
                                       .notes = report.notes,
                                       .training = training_}));
}

void DriftAlternation::pass_over(const HalfStep& half_step) {
  const FitRecord& fit = resumed_.fits[records_.size()];
  records_.push_back(fit);
  SolveReport& report = run_.report();
  report.marginal_error_source = fit.marginal_error_source;
  report.marginal_error_target = fit.marginal_error_target;
  report.value_linear = fit.value_linear;
  // What was noted before the first half step; the same again where that was repeated.
  report.draws = resumed_.draws;
  report.notes = resumed_.notes;
  Progress record = report_fit(half_step);
  record.seconds = fit.seconds;
  report.trace.push_back(record);
}

std::vector<TrainingResult> DriftAlternation::train_all(std::span<const Fit> fits) {
  const HalfStep& first = fits.front().half_step;
  const std::string name = fits.size() == 1 ? phase(first) : "iteration " + std::to_string(first.n);
  Index shown = 0, asked = 0;
  const auto proceed = [&](double fitted) {
    constexpr Index kStepsOfRanks = 16;  // between questions, at which ranks wait for each other
    constexpr double kReportsPerHalfStep = 20.0;
    const auto due = static_cast<Index>(fitted * kReportsPerHalfStep);
    // The end itself is recorded later, with the loss and the new errors.
    if (due > shown && fitted < 1.0) {
      run_.show(progress(name, first.n, fitted * static_cast<double>(fits.size())));
    }
    shown = std::max(shown, due);
    if (exchange_ranks() > 1 && asked++ % kStepsOfRanks != 0) return true;
    const bool stop = run_.must_stop();
    // Here, where the state is that of a step: a stopped training is averaged into the network.
    if (checkpoint_ != nullptr && (stop || checkpoint_->due())) save(*checkpoint_);
    return !stop;
  };

  training_.reserve(fits.size());  // where they are is kept
  std::vector<Training> trainings;
  for (const auto& [half_step, pairs] : fits) {
    // Falling over the iterations, so that the late fits, which change little, average over each
    // other.
    const double rate =
        settings_.training.learning_rate / (1.0 + 0.5 * static_cast<double>(half_step.n - 1));
    const auto number = static_cast<std::uint64_t>(records_.size() + trainings.size());
    const RandomStream draws = stream_.fork(2 + number);  // 0, 1: moments
    DriftNetwork& network = drift(half_step.direction);
    if (training_.size() == trainings.size()) {
      training_.push_back(start_training(network, settings_.training, draws));
    }
    trainings.push_back({network, training_[trainings.size()], pairs, rate, draws});
  }
  auto results = train(trainings, settings_.training, proceed);
  training_.clear();
  return results;
}

void DriftAlternation::take_stock(const HalfStep& half_step, const TrainingResult& result,
                                  const Flat<float>& before) {
  outcome_ = result.outcome;
  records_.push_back({});
  // To measure takes seconds of chains, which nobody waits for who interrupts.
  const bool waits = outcome_ == TrainingOutcome::finished || !run_.context().cancelled();
  if (outcome_ != TrainingOutcome::diverged) {
    if (waits) {
      measure(half_step.direction);
    } else if (before.size() > 0) {
      drift(half_step.direction).set_weights(before);  // whose errors are known
      put_back_ = phase(half_step);
    } else {
      forget(half_step.direction);
    }
  }
  const SolveReport& report = run_.report();
  FitRecord& fit = records_.back();
  fit = {.seconds = 0.0,
         .marginal_error_source = report.marginal_error_source.value_or(kNone),
         .marginal_error_target = report.marginal_error_target.value_or(kNone),
         .loss = result.loss,
         .value_linear = report.value_linear.value_or(kNone),
         .path_divergence = kNone,
         .path_divergence_error = kNone,
         .midpoint_variance = kNone,
         .path_kl = kNone};
  if (outcome_ == TrainingOutcome::finished && half_step.direction == Direction::forward) {
    const Agreement found =
        agreement(forward_, backward_, problem_.source(), problem_.target(), kRoundDraws,
                  RandomStream(run_.context().seed, Purpose::metrics)
                      .fork(static_cast<std::uint64_t>(fits()))
                      .fork(3));  // 0 to 2: the marginal errors
    fit.path_divergence = found.path_divergence;
    fit.path_divergence_error = found.standard_error;
    fit.midpoint_variance = found.midpoint_variance;
    fit.path_kl = distance_to_truth();
    remember_best();
  }
  run_.record(report_fit(half_step));
  fit.seconds = run_.seconds();
  if (!put_back_.empty()) records_.pop_back();  // the plan has nothing of it
}

bool DriftAlternation::fit(std::span<const Fit> fits) {
  while (!fits.empty() && this->fits() < fits_behind()) {
    pass_over(fits.front().half_step);
    fits = fits.subspan(1);
  }
  if (fits.empty()) return !out_of_patience();
  if (training_.size() == 1 && fits.size() > 1) {  // of a state that lacks one
    return fit(fits.first(1)) && fit(fits.subspan(1));
  }
  std::vector<Flat<float>> before;  // empty: the reference
  for (const Fit& fit : fits) before.push_back(network(fit.half_step.direction).weights());
  const std::vector<TrainingResult> results = train_all(fits);
  for (std::size_t k = 0; k < fits.size(); ++k) {
    take_stock(fits[k].half_step, results[k], before[k]);
    if (outcome_ == TrainingOutcome::diverged) return false;
  }
  if (outcome_ == TrainingOutcome::finished && checkpoint_ != nullptr && checkpoint_->due()) {
    save(*checkpoint_);
  }
  return outcome_ == TrainingOutcome::finished && !out_of_patience();
}

bool DriftAlternation::out_of_patience() const {
  return settings_.patience > 0 && rounds_in_vain(records_) >= settings_.patience;
}

Progress DriftAlternation::report_fit(const HalfStep& half_step) {
  const FitRecord& fit = records_.back();
  Progress record = progress(phase(half_step), half_step.n, 0.0);
  record.iteration = half_step.n;
  record.loss = fit.loss;
  if (!std::isnan(fit.path_divergence)) {
    record.path_divergence = fit.path_divergence;
    if (!std::isnan(fit.path_kl)) record.path_kl = fit.path_kl;
    run_.report().rounds.push_back(
        {half_step.n, fit.marginal_error_source, fit.marginal_error_target, fit.value_linear,
         fit.path_divergence, fit.path_divergence_error, fit.midpoint_variance, record.path_kl});
  }
  return record;
}

void DriftAlternation::remember_best() {
  if (best_ && larger_error(records_[to_size(best_->fit)]) <= larger_error(records_.back())) return;
  best_ = BestRound{fits() - 1, forward_.weights(), backward_.weights()};
}

bool DriftAlternation::return_to_best() {
  constexpr double kMuchWorse = 2.0;  // errors of equal networks differ by half with the draws
  if (!best_) return false;
  const FitRecord& best = records_[to_size(best_->fit)];
  if (larger_error(records_.back()) <= kMuchWorse * larger_error(best)) return false;
  forward_.set_weights(best_->forward);
  backward_.set_weights(best_->backward);
  SolveReport& report = run_.report();
  report.marginal_error_source = best.marginal_error_source;
  report.marginal_error_target = best.marginal_error_target;
  report.value_linear = best.value_linear;
  report.notes.push_back("iteration " + std::to_string(best_->fit / 2 + 1) +
                         " is kept: the last networks end farther from the laws, by " +
                         number_text(larger_error(records_.back())) + " against " +
                         number_text(larger_error(best)));
  return true;
}

std::optional<double>& DriftAlternation::marginal_error(Direction direction) {
  SolveReport& report = run_.report();
  return direction == Direction::forward ? report.marginal_error_target
                                         : report.marginal_error_source;
}

void DriftAlternation::forget(Direction direction) {
  const bool forward = direction == Direction::forward;
  marginal_error(direction).reset();
  if (forward) run_.report().value_linear.reset();
  run_.report().notes.push_back(std::string("stopped early: how far the ") +
                                (forward ? "forward" : "backward") +
                                " network ends from the law was not measured");
}

double DriftAlternation::distance_to_truth() {
  const DistanceToTruth& distance = run_.context().to_truth;
  if (!distance) return kNone;
  const double before = run_.seconds();
  const DriftPlan plan(run_.report().solver, problem_, forward_, backward_, settings_.map_samples);
  const std::optional<double> found = distance(plan);
  run_.leave_out(run_.seconds() - before);
  return found.value_or(kNone);
}

void DriftAlternation::find_floors() {
  const RandomStream draws =  // apart from those of fits, which count from 0
      RandomStream(run_.context().seed, Purpose::metrics).fork(std::uint64_t{1} << 41U);
  const auto floor_of = [&](const Measure& law, const RandomStream& stream) {
    return relative_sliced_error(law->sample(kMarginalDraws, stream.fork(0)), law,
                                 std::sqrt(problem_.reference().endpoint_variance()),
                                 stream.fork(1));
  };
  SolveReport& report = run_.report();
  report.marginal_floor_source = floor_of(problem_.source(), draws.fork(0));
  report.marginal_floor_target = floor_of(problem_.target(), draws.fork(1));
}

void DriftAlternation::measure(Direction direction) {
  // Fresh chains every time, on a stream apart from training: the error is of what was learnt.
  const RandomStream draws =
      RandomStream(run_.context().seed, Purpose::metrics).fork(static_cast<std::uint64_t>(fits()));
  const ReferenceProcess& reference = problem_.reference();
  const DriftNetwork& drift = network(direction);
  const Points start = problem_.start(direction)->sample(kMarginalDraws, draws.fork(0));
  const Points end =
      simulate_chain(drift, design_->grid, start, {reference.epsilon(), draws.fork(1)});
  marginal_error(direction) =
      relative_sliced_error(end, problem_.start(opposite(direction)),
                            std::sqrt(reference.endpoint_variance()), draws.fork(2));
  if (direction == Direction::forward) {
    // E |y - a x|^2 / 2 over the ends of the chains.
    run_.report().value_linear = 0.5 * (end - reference.endpoint_decay() * start).squaredNorm() /
                                 static_cast<double>(kMarginalDraws);
  }
}

Progress DriftAlternation::progress(const std::string& phase, Index n, double fitted) const {
  Progress record;
  record.phase = phase;
  record.iteration = n - 1;
  record.iteration_limit = settings_.iterations;
  record.fraction = (static_cast<double>(fits()) + fitted) / static_cast<double>(settings_.fits);
  record.marginal_error_source = run_.report().marginal_error_source;
  record.marginal_error_target = run_.report().marginal_error_target;
  record.marginal_floor_source = run_.report().marginal_floor_source;
  record.marginal_floor_target = run_.report().marginal_floor_target;
  return record;
}

StopReason DriftAlternation::stop_reason() const {
  switch (outcome_) {
    case TrainingOutcome::diverged:
      return StopReason::diverged;
    case TrainingOutcome::stopped:
      return run_.asked_to_stop().value_or(StopReason::interrupted);
    case TrainingOutcome::finished:
      // Asked before a fit could begin.
      if (const auto asked = run_.asked_to_stop()) return *asked;
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

Solution DriftAlternation::finish() {
  SolveReport& report = run_.report();
  // All that is left is to use it: a run that is killed meanwhile goes on from here.
  if (checkpoint_ != nullptr && outcome_ == TrainingOutcome::finished && !run_.asked_to_stop()) {
    save(*checkpoint_);
  }
  report.iterations = (fits() + 1) / 2;  // one with its backward fit alone counts
  if (!return_to_best() && !put_back_.empty()) {
    report.notes.push_back("stopped early in " + put_back_ + "; the networks before it are kept");
  }
  if (fits() < settings_.fits && out_of_patience()) {
    report.notes.push_back("ended after iteration " + std::to_string(report.iterations) + ": " +
                           std::to_string(settings_.patience) +
                           " iterations were no better than those before (patience)");
  }
  report.notes.push_back(
      "marginal errors are sliced W2 between 16384 chain ends and 16384 draws, over the law's "
      "standard deviation; exact draws score " +
      short_number(*report.marginal_floor_source) + " (source) and " +
      short_number(*report.marginal_floor_target) + " (target)");
  for (const auto& [drift, name] : {std::pair(&forward_, "forward"), {&backward_, "backward"}}) {
    if (drift->fitted()) continue;
    report.notes.push_back(std::string("no ") + name + " fit was made: the " + name +
                           " process is the reference");
  }
  if (settings_.network.precision != design_->network.precision) {
    report.notes.push_back("precision = \"mixed\": the kernel set " + report.kernel_set +
                           " has no products of bfloat16, all are in single precision");
  }
  if (outcome_ == TrainingOutcome::diverged) {
    report.notes.push_back("training diverged in " + report.trace.back().phase +
                           "; the networks before it are kept; try a lower learning_rate");
  }
  auto plan = std::make_unique<const DriftPlan>(report.solver, problem_, std::move(forward_),
                                                std::move(backward_), settings_.map_samples);
  return run_.finish(std::move(plan), stop_reason());
}

}  // namespace otbridge
