#include "entropic/cloud_drift.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "solve/drift_alternation.hpp"
#include "solve/entropic_start.hpp"
#include "solvers/dsb/reversal_pairs.hpp"

namespace otbridge {

// De Bortoli et al. 2021, Algorithm 1: B^n reverses the chain of F^{n-1} started at the source,
// then F^n reverses the chain of B^n started at the target. F^0 is the reference, or any process
// that differs from it by functions of its two ends alone: the fixed point is the same.
Solution solve_dsb(const TransportProblem& problem, const DsbSettings& settings,
                   const SolveContext& context) {
  check_settings(settings);
  // The backward network alone.
  const bool score_based = settings.iterations == 1 && settings.start == "reference";
  Run run("dsb", problem, context);
  DriftAlternation networks(
      run, problem,
      alternation_settings(settings, score_based ? 1 : 2 * settings.iterations,
                           BaseDrift::reversal));
  std::optional<EntropicStart> start;
  std::shared_ptr<const TiltedCloud> end;  // of the start
  if (settings.start == "sinkhorn" && networks.fits_behind() < 1) {
    start = entropic_start(problem, settings.samples, run);
    if (!start) return networks.finish();
    end = std::make_shared<const TiltedCloud>(
        start->ends.target.points(), start->ends.target.weights(), start->potentials.g,
        problem.reference().endpoint_variance(), LocalPrecision::mixed);
  }
  const auto to_cloud = [&](double t, ConstPoints x) {
    return cloud_drift(problem.reference(), end, t, x, Direction::forward);
  };
  const auto reverse = [&](Index n, Direction direction) {
    const Direction chain = opposite(direction);
    const Measure& law = problem.start(chain);
    if (n == 1 && chain == Direction::forward && start) {
      return networks.fit({n, direction}, ReversalPairs(law, networks.design(), chain, to_cloud));
    }
    return networks.fit({n, direction}, ReversalPairs(law, networks.network(chain)));
  };
  for (Index n = 1; n <= settings.iterations; ++n) {
    if (!reverse(n, Direction::backward)) break;
    if (score_based) break;
    if (!reverse(n, Direction::forward)) break;
  }
  return networks.finish();
}

std::unique_ptr<const TransportPlan> restore_dsb(const TransportProblem& problem,
                                                 const PlanState& state) {
  return restore_drift_plan(problem, state);
}

}  // namespace otbridge
