#include "neural/drift_plan.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "solve/drift_alternation.hpp"
#include "solvers/dsb/reversal_pairs.hpp"

namespace otbridge {

// De Bortoli et al. 2021, Algorithm 1: B^n reverses the chain of F^{n-1} started at the source
// (F^0 the reference), then F^n reverses the chain of B^n started at the target.
Solution solve_dsb(const TransportProblem& problem, const DsbSettings& settings,
                   const SolveContext& context) {
  check_settings(settings);
  const bool score_based = settings.iterations == 1;  // the backward network alone
  Run run("dsb", problem, context);
  DriftAlternation networks(
      run, problem,
      alternation_settings(settings, score_based ? 1 : 2 * settings.iterations,
                           BaseDrift::reversal));
  const auto reverse = [&](Index n, Direction direction) {
    const Direction chain = opposite(direction);
    const ReversalPairs pairs(problem.start(chain), networks.network(chain));
    return networks.fit({n, direction}, pairs);
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
