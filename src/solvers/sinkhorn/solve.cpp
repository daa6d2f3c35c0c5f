#include <algorithm>
#include <cmath>
#include <string>

#include "core/equal_rows.hpp"
#include "entropic/cloud_ascent.hpp"
#include "entropic/conditional.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/solvers/sinkhorn.hpp"
#include "simplex/cloud_transport.hpp"
#include "solve/plan_entropy.hpp"
#include "solve/run.hpp"
#include "solvers/sinkhorn/plan.hpp"

namespace otbridge {
namespace {

// What the ascent reports as records, about 10% of the iterations apart.
class AscentRecords {
 public:
  // What may be spent before an answer, over what that takes, whatever the limit.
  static constexpr double kHead = 0.05;
  // Of the time an answer takes: a stop in time leaves nearly all of it.
  static constexpr double kFits = 0.75;

  AscentRecords(Run& run, const SinkhornSettings& settings) : run_(run), settings_(settings) {}

  bool proceed(const AscentProgress& state) {
    // Without errors it is only asked whether to go on, between records.
    if (state.errors && state.iteration >= next_) {
      record(state, *state.errors);
      next_ = state.iteration + std::max<Index>(1, state.iteration / 10);
    }
    to_answer_ = state.to_answer;
    // Where the limit is too short anyway, the quick levels still make much of the answer.
    const double ahead = to_answer_ + to_move_;
    const bool quick = run_.seconds() + state.to_next < kHead * ahead;
    // Of large clouds an answer that is far from fitting in is given up for one in haste.
    hasty_ = hasty_ || (slow_ && run_.context().past_deadline(kFits * ahead));
    if (hasty_) return !run_.must_stop(to_move_ + state.to_next);
    return !run_.must_stop(quick ? 0.0 : ahead);
  }
  // Whether there is no time for a certificate.
  bool hasty() const { return hasty_ || (slow_ && run_.context().cancelled()); }
  void set_slow(bool slow) { slow_ = slow; }
  // Seconds that moving points will take afterwards.
  void set_to_move(double seconds) { to_move_ = seconds; }
  double to_move() const { return to_move_; }
  // Seconds, when last asked.
  double to_answer() const { return to_answer_; }

 private:
  void record(const AscentProgress& state, const MarginalGap& errors) {
    Progress progress;
    progress.phase =
        state.group == 1 ? "all points" : "1 in " + std::to_string(state.group) + " points";
    progress.iteration = state.iteration;
    progress.iteration_limit = settings_.iterations;
    progress.epsilon = run_.report().epsilon * state.s2_ratio;  // s^2 is proportional to epsilon
    progress.marginal_error_source = errors.source;
    progress.marginal_error_target = errors.target;
    // The logarithm of the error falls about linearly at the last level; those before are quick.
    if (state.last_level) {
      const double error = std::clamp(errors.larger(), settings_.tolerance, 1.0);
      const double by_error =
          settings_.tolerance < 1.0 ? std::log(error) / std::log(settings_.tolerance) : 1.0;
      const double by_count =
          static_cast<double>(state.iteration) / static_cast<double>(settings_.iterations);
      fraction_ = std::max({fraction_, by_error, by_count});
    }
    progress.fraction = std::clamp(fraction_, 0.0, 1.0);
    run_.record(progress);
  }

  Run& run_;
  const SinkhornSettings& settings_;
  Index next_ = 1;
  double to_answer_ = 0.0, to_move_ = 0.0;
  bool slow_ = false, hasty_ = false;  // answers of these clouds; this one
  double fraction_ = 0.0;              // never falls, whatever the error does
};

// Of the setting, whose words describe() checks.
PrecisionChoice precision_choice(const std::string& name) {
  if (name == "single") return PrecisionChoice::single;
  return name == "double" ? PrecisionChoice::full : PrecisionChoice::automatic;
}

StopReason reason_of(AscentOutcome outcome, const Run& run) {
  switch (outcome) {
    case AscentOutcome::converged:
      return StopReason::converged;
    case AscentOutcome::iteration_limit:
      return StopReason::iteration_limit;
    case AscentOutcome::rounding_limit:
      return StopReason::rounding_limit;
    case AscentOutcome::stopped:
      break;
  }
  // Only records.proceed() stops an ascent, and it does so where the context asks for it.
  return run.asked_to_stop().value_or(StopReason::interrupted);
}

// Potentials of exact transport, the limit of small epsilon; empty if there was no time for them.
std::optional<DualPair> exact_start(const WeightedPoints& source, const WeightedPoints& target,
                                    const ReferenceProcess& reference, const AscentRecords& records,
                                    Run& run) {
  constexpr double kSweepsToAnswer = 3.0;
  Progress progress;
  progress.phase = "start from exact transport";
  double asked = run.seconds(), longest = 0.0;  // between two questions: a sweep over all pairs
  const auto proceed = [&](const SimplexProgress& state) {
    progress.fraction = state.fraction;
    run.show(progress);
    const double now = run.seconds();
    longest = std::max(longest, now - asked);
    asked = now;
    // Told to stop, the simplex would sweep for an answer that nobody wants.
    const double answer =
        records.to_answer() > 0.0 ? records.to_answer() : kSweepsToAnswer * longest;
    return !run.must_stop(longest + answer + records.to_move());
  };
  CloudTransport exact = transport_clouds(source, target, reference.endpoint_decay(),
                                          {.proceed = proceed, .in_haste = [] { return true; }});
  if (exact.outcome == SimplexOutcome::stopped) return std::nullopt;
  return DualPair{std::move(exact.f), std::move(exact.g)};
}

// Of moving the rows of the context by the plan, from a few of the source under potentials of 0. 0
// where that takes no time to speak of.
double seconds_to_move(const WeightedPoints& source, const WeightedPoints& target,
                       const ReferenceProcess& reference, const SolveContext& context,
                       const Run& run) {
  constexpr double kWorthATrial = 1e9;                               // terms of exponents
  constexpr Index kShare = 64, kFewestRows = 128, kMostRows = 1024;  // of a trial
  const Index moved = std::max(context.to_map, context.to_draw);
  const double pairs =
      static_cast<double>(moved) * static_cast<double>(std::max(source.size(), target.size()));
  const double terms = pairs * static_cast<double>(source.dimension() + 8);
  if (!context.deadline || terms < kWorthATrial) return 0.0;
  const double s2 = reference.endpoint_variance(), begin = run.seconds();
  const EntropicConditional conditional(
      std::make_shared<const TiltedCloud>(target.points(), target.weights(),
                                          Vector::Zero(target.size()), s2, LocalPrecision::mixed),
      {1.0, reference.endpoint_decay(), s2});
  const Index rows = std::min(std::clamp(moved / kShare, kFewestRows, kMostRows), source.size());
  // Of all of the cloud, as if each row to be moved were another: equal ones are moved once.
  const Points tried =
      source.points()(Eigen::seqN(Index{0}, rows, source.size() / rows), Eigen::all);
  const auto distinct = static_cast<double>(EqualRows(tried).firsts().size());
  if (context.to_map > 0) conditional.mean(tried);
  if (context.to_draw > 0) conditional.sample(tried, RandomStream(context.seed), 0);
  return (run.seconds() - begin) * pairs / (distinct * static_cast<double>(target.size()));
}

// Whether what an answer takes counts beside the time left. To time a sweep costs one, a tenth of a
// short solve, which a limit far off is not worth.
bool limit_is_near(const WeightedPoints& source, const WeightedPoints& target,
                   const SolveContext& context) {
  constexpr double kSweeps = 3.0, kShare = 0.1;
  constexpr double kSlowestPace = 1e-9;  // seconds per term of an exponent: one thread, no vectors
  const double terms = static_cast<double>(source.size()) * static_cast<double>(target.size()) *
                       static_cast<double>(source.dimension() + 8);
  return context.past_deadline(kSweeps * kSlowestPace * terms / kShare);
}

constexpr double kKnownDigits = 1e-2;  // relative rounding error of weights that say something

// All in cost units already (entropic/cloud_ascent.hpp).
void report_answer(const AscentAnswer& answer, double tolerance, SolveReport& report) {
  const Certificate& certificate = answer.certificate;
  report.iterations = answer.iterations;
  if (!answer.certified) {
    report.notes.emplace_back(kNotMeasured);
    return;
  }
  report.value_linear = certificate.value_linear;
  // The value knows the divergence to within the rounding of costs; by itself it is lost earlier.
  if (answer.rounding < kKnownDigits) report.kl = certificate.kl;
  report.value = certificate.value;
  // The value of a plan that misses its marginals may be below the optimum. A lower bound that is
  // lowered to it stays one, and with the gap that grows by as much the sum bounds from above.
  report.dual_value = std::min(certificate.dual_value, certificate.value);
  report.duality_gap = certificate.gap + (certificate.dual_value - *report.dual_value);
  report.marginal_error_source = certificate.marginals.source;
  report.marginal_error_target = certificate.marginals.target;
  if (answer.rounding > tolerance) {
    report.notes.push_back(
        "at this epsilon rounding alone moves the weights by " + number_text(answer.rounding) +
        " relatively, which the tolerance does not allow; take a larger tolerance or epsilon, or "
        "the limit of exact transport");
  } else if (answer.outcome == AscentOutcome::rounding_limit) {
    report.notes.push_back(
        "epsilon is so far above the costs that its rounding hides the value; take a smaller one, "
        "or leave out points of next to no weight that are far from all others");
  }
}

}  // namespace

Solution solve_sinkhorn(const TransportProblem& problem, const SinkhornSettings& settings,
                        const SolveContext& context) {
  check_settings(settings);
  Run run("sinkhorn", problem, context);
  AscentRecords records(run, settings);
  run.use_kernels();
  const auto ends = discrete_ends(problem, settings.samples, context, run.report());
  const WeightedPoints &source = ends.source, &target = ends.target;
  const std::function<std::optional<DualPair>()> from_exact = [&] {
    return exact_start(source, target, problem.reference(), records, run);
  };
  records.set_slow(answers_slowly(source, target));
  records.set_to_move(seconds_to_move(source, target, problem.reference(), context, run));
  const std::function<double()> clock = [&] { return run.seconds(); };
  const AscentControl control{
      .tolerance = settings.tolerance,
      .iterations = settings.iterations,
      .scaling = settings.scaling,
      .overrelaxation = settings.overrelaxation,
      .newton = settings.newton,
      .precision = precision_choice(settings.precision),
      .other_start = settings.start == "auto" ? from_exact : nullptr,
      .proceed = [&](const AscentProgress& state) { return records.proceed(state); },
      .clock = limit_is_near(source, target, context) ? clock : nullptr,
      .in_haste = [&] { return records.hasty(); }};
  const std::optional<DualPair> start = settings.start == "exact" ? from_exact() : std::nullopt;
  AscentAnswer answer =
      ascend_clouds(source, target, problem.reference(), control, start ? &*start : nullptr);
  if (answer.took_other_start || start)
    run.report().notes.emplace_back("started from the potentials of exact transport");
  report_answer(answer, settings.tolerance, run.report());
  if (const auto kl = run.report().kl) {
    run.report().plan_entropy = plan_entropy(*kl, source.weights(), target.weights());
  }

  auto plan = std::make_unique<const SinkhornPlan>(
      problem, source, target, std::move(answer.potentials.f), std::move(answer.potentials.g));
  return run.finish(std::move(plan), reason_of(answer.outcome, run));
}

std::vector<Solution> solve_sinkhorn_batch(std::span<const TransportProblem> problems,
                                           const SinkhornSettings& settings,
                                           const SolveContext& context) {
  check_settings(settings);
  const ThreadScope threads(context.threads);
  SolveContext each = context;
  each.observer = nullptr;  // records of several problems at once would mean nothing
  if (problems.size() > 1 && exchange_ranks() == 1) each.threads = 1;
  std::vector<Solution> solutions(problems.size());
  // In a loop each rank would ask its own clock.
  if (exchange_ranks() > 1) {
    for (std::size_t k = 0; k < problems.size(); ++k)
      solutions[k] = solve_sinkhorn(problems[k], settings, each);
    return solutions;
  }
  parallel_for(static_cast<Index>(problems.size()), 1, [&](Index k, Index, Index) {
    const auto slot = to_size(k);
    solutions[slot] = solve_sinkhorn(problems[slot], settings, each);
  });
  return solutions;
}

}  // namespace otbridge
