#include "entropic/cloud_drift.hpp"
#include "mixture/mixture_drift.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "solve/drift_alternation.hpp"
#include "solve/entropic_start.hpp"
#include "solve/mixture_start.hpp"
#include "solvers/dsb/reversal_pairs.hpp"

namespace otbridge {
namespace {

// Of the bridge of the entropic coupling; none where the run was told to stop.
BatchDrift entropic_drift(const TransportProblem& problem, Index samples, Run& run) {
  const auto start = entropic_start(problem, samples, run);
  if (!start) return {};
  const WeightedPoints target = start->ends.target;
  const auto end = std::make_shared<const TiltedCloud>(
      target.points(), target.weights(), start->potentials.g,
      problem.reference().endpoint_variance(), LocalPrecision::mixed);
  // The cloud refers to the target's points, which live as long as a copy of it.
  return [reference = problem.reference(), target, end](double t, ConstPoints x) {
    return cloud_drift(reference, end, t, x, Direction::forward);
  };
}

// Of the mixture bridge, likewise.
BatchDrift fitted_drift(const TransportProblem& problem, Index samples, Run& run) {
  const auto potential = mixture_start(problem, samples, run);
  if (!potential) return {};
  return [reference = problem.reference(), potential = *potential](double t, ConstPoints x) {
    return mixture_drift(reference, potential, t, x);
  };
}

}  // namespace

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
  BatchDrift first;  // of F^0, where that is not the reference
  if (networks.fits_behind() < 1 && settings.start != "reference") {
    first = settings.start == "sinkhorn" ? entropic_drift(problem, settings.samples, run)
                                         : fitted_drift(problem, settings.samples, run);
    if (!first) return networks.finish();
  }
  const auto reverse = [&](Index n, Direction direction) {
    const Direction chain = opposite(direction);
    const Measure& law = problem.start(chain);
    if (n == 1 && chain == Direction::forward && first) {
      return networks.fit({n, direction}, ReversalPairs(law, networks.design(), chain, first));
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
