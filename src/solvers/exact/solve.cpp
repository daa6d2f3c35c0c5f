#include <algorithm>
#include <chrono>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/solvers/exact.hpp"
#include "simplex/cloud_transport.hpp"
#include "solvers/exact/plan.hpp"

namespace otbridge {
namespace {

using Clock = std::chrono::steady_clock;

// Turns what the simplex reports into records, at most about 1% apart, and asks for its stop.
class Watch {
 public:
  Watch(const ExactSettings& settings, const SolveContext& context, SolveReport& report)
      : settings_(settings), context_(context), report_(report) {}

  double seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

  bool proceed(const SimplexProgress& state) {
    if (state.gap || state.pivots >= next_) {
      record(state);
      next_ = state.pivots + std::max<Index>(16384, state.pivots / 100);
    }
    return !context_.cancelled() && !context_.past_deadline();
  }

  void record(const SimplexProgress& state) {
    Progress progress;
    progress.phase = "pivots";
    progress.iteration = state.pivots;
    progress.iteration_limit = settings_.pivots;
    progress.fraction = state.fraction;
    progress.seconds = seconds();
    progress.duality_gap = state.gap;
    report_.trace.push_back(progress);
    if (context_.observer) context_.observer(progress);
  }

 private:
  const ExactSettings& settings_;
  const SolveContext& context_;
  SolveReport& report_;
  Clock::time_point started_ = Clock::now();
  Index next_ = 0;
};

StopReason reason_of(SimplexOutcome outcome, const SolveContext& context) {
  switch (outcome) {
    case SimplexOutcome::optimal:
      return StopReason::converged;
    case SimplexOutcome::pivot_limit:
      return StopReason::iteration_limit;
    case SimplexOutcome::stopped:
      break;
  }
  return context.cancelled() ? StopReason::interrupted : StopReason::time_limit;
}

}  // namespace

std::vector<SettingField> describe(ExactSettings& s) {
  return {{"pivots",
           "limit on pivots of the network simplex, over all levels",
           &s.pivots,
           {.low = 1, .high = 1e15}},
          {"samples",
           "draws that stand for a law that is not a cloud",
           &s.samples,
           {.low = 1, .high = 1e8}}};
}

Solution solve_exact(const TransportProblem& problem, const ExactSettings& settings,
                     const SolveContext& context) {
  check_settings(settings);
  const ThreadScope threads(context.threads);
  SolveReport report = start_report("exact", problem, context);
  Watch watch(settings, context, report);
  report.kernel_set = kernels::select_kernel_set().name;
  report.notes.push_back(
      "unregularised, the limit epsilon -> 0: plan and paths do not depend on epsilon");
  const auto [source, target] = discrete_ends(problem, settings.samples, context, report);

  CloudTransport found = transport_clouds(
      source, target, problem.reference().endpoint_decay(),
      {.pivots = settings.pivots,
       .proceed = [&](const SimplexProgress& state) { return watch.proceed(state); }});
  report.stop_reason = reason_of(found.outcome, context);
  report.iterations = found.pivots;
  report.value_linear = report.value = found.cost;
  report.dual_value = found.dual_value;
  report.duality_gap = std::max(0.0, found.cost - found.dual_value);
  report.marginal_error_source = found.marginal_error_source;
  report.marginal_error_target = found.marginal_error_target;
  watch.record({found.pivots, 1.0, report.duality_gap});

  auto plan = std::make_unique<const ExactPlan>(
      problem, CloudSide{source.points(), source.weights(), std::move(found.f)},
      CloudSide{target.points(), target.weights(), std::move(found.g)}, std::move(found.flows));
  report.seconds = watch.seconds();
  return {std::move(plan), std::move(report)};
}

}  // namespace otbridge
