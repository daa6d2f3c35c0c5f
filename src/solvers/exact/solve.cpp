#include <algorithm>

#include "otbridge/solvers/exact.hpp"
#include "simplex/cloud_transport.hpp"
#include "solve/plan_entropy.hpp"
#include "solve/run.hpp"
#include "solvers/exact/plan.hpp"

namespace otbridge {
namespace {

// What the simplex reports as records, at most about 1% apart, beside those of its sweeps.
class PivotRecords {
 public:
  PivotRecords(Run& run, Index limit) : run_(run), limit_(limit) {}

  bool proceed(const SimplexProgress& state) {
    if (state.gap || state.pivots >= next_) {
      record(state);
      next_ = state.pivots + std::max<Index>(16384, state.pivots / 100);
    }
    return !run_.must_stop();
  }

  void record(const SimplexProgress& state) {
    Progress progress;
    progress.phase = "pivots";
    progress.iteration = state.pivots;
    progress.iteration_limit = limit_;
    progress.fraction = state.fraction;
    progress.duality_gap = state.gap;
    run_.record(progress);
  }

 private:
  Run& run_;
  Index limit_;
  Index next_ = 0;
};

StopReason reason_of(SimplexOutcome outcome, const Run& run) {
  switch (outcome) {
    case SimplexOutcome::optimal:
      return StopReason::converged;
    case SimplexOutcome::pivot_limit:
      return StopReason::iteration_limit;
    case SimplexOutcome::stopped:
      break;
  }
  return run.asked_to_stop().value_or(StopReason::interrupted);
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
  Run run("exact", problem, context);
  PivotRecords records(run, settings.pivots);
  SolveReport& report = run.report();
  run.use_kernels();
  report.regularised = false;
  const auto ends = discrete_ends(problem, settings.samples, context, report);
  const WeightedPoints &source = ends.source, &target = ends.target;

  CloudTransport found = transport_clouds(
      source, target, problem.reference().endpoint_decay(),
      {.pivots = settings.pivots,
       .proceed = [&](const SimplexProgress& state) { return records.proceed(state); },
       .in_haste = [&] { return run.asked_to_stop() && answers_slowly(source, target); }});
  report.iterations = found.pivots;
  report.value_linear = report.value = found.cost;
  if (found.bounded) {
    report.dual_value = std::min(found.dual_value, found.cost);  // above by rounding alone
    report.duality_gap = found.cost - *report.dual_value;
  } else {
    report.notes.emplace_back(kNotMeasured);
  }
  report.marginal_error_source = found.marginal_error_source;
  report.marginal_error_target = found.marginal_error_target;
  report.plan_entropy = plan_entropy(found.flows, source.size(), target.size());
  records.record({found.pivots, 1.0, report.duality_gap});

  auto plan = std::make_unique<const ExactPlan>(
      problem, CloudSide{source.points(), source.weights(), std::move(found.f)},
      CloudSide{target.points(), target.weights(), std::move(found.g)}, std::move(found.flows));
  return run.finish(std::move(plan), reason_of(found.outcome, run));
}

}  // namespace otbridge
