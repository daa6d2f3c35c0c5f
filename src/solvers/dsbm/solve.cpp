#include "neural/bridge_pairs.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solvers/dsbm.hpp"
#include "solve/drift_alternation.hpp"
#include "solvers/dsbm/start_coupling.hpp"

namespace otbridge {
namespace {

// Both laws as clouds with the entropic potentials between them; empty if there was no time.
struct StartCoupling {
  DiscreteEnds ends;
  DualPair potentials;
};

std::optional<StartCoupling> entropic_start(const TransportProblem& problem, Index samples,
                                            Run& run) {
  constexpr double kTolerance = 1e-3;  // of both marginals: far below the error of the samples
  auto ends = discrete_ends(problem, samples, run.context(), run.report());
  Progress progress;
  progress.phase = "start coupling";
  AscentAnswer answer =
      ascend_clouds(ends.source, ends.target, problem.reference(),
                    {.tolerance = kTolerance, .proceed = [&](const AscentProgress& state) {
                       if (state.errors) {
                         progress.marginal_error_source = state.errors->source;
                         progress.marginal_error_target = state.errors->target;
                       }
                       run.show(progress);
                       return !run.must_stop();
                     }});
  if (answer.outcome == AscentOutcome::stopped) return std::nullopt;
  const MarginalGap& errors = answer.certificate.marginals;
  if (errors.larger() > kTolerance) {
    run.report().notes.push_back("the start coupling has marginal errors of " +
                                 number_text(errors.larger()) +
                                 "; its bridge is learnt all the same");
  }
  return StartCoupling{std::move(ends), std::move(answer.potentials)};
}

}  // namespace

// Shi et al. 2023, Algorithm 1. At n = 1 both drifts are regressed on the bridges of the start
// coupling, later each on those between the ends of the other's chain, started at the true law of
// its own far end.
Solution solve_dsbm(const TransportProblem& problem, const DsbmSettings& settings,
                    const SolveContext& context) {
  check_settings(settings);
  Run run("dsbm", problem, context);
  DriftAlternation networks(
      run, problem, alternation_settings(settings, 2 * settings.iterations, BaseDrift::bridge));
  std::optional<StartCoupling> start;
  // Both half steps that learn from it may be behind.
  if (settings.start == "sinkhorn" && networks.fits_behind() < 2) {
    start = entropic_start(problem, settings.samples, run);
    if (!start) return networks.finish();
  }
  const auto match = [&](Index n, Direction direction) {
    const auto fit = [&](const EndpointSource& ends) {
      const BridgePairs pairs(networks.design(), direction, ends, settings.candidates);
      return networks.fit({n, direction}, pairs);
    };
    if (n == 1 && start) {
      return fit(EntropicEnds(problem, start->ends.source, start->ends.target, start->potentials,
                              direction));
    }
    if (n == 1 && settings.start == "independent") return fit(IndependentEnds(problem));
    // Later, and for half steps that are behind. The first chain of start "reference" is the
    // reference's own.
    return fit(ChainEnds(problem, networks.network(opposite(direction))));
  };
  for (Index n = 1; n <= settings.iterations; ++n) {
    if (!match(n, Direction::backward) || !match(n, Direction::forward)) break;
  }
  return networks.finish();
}

std::unique_ptr<const TransportPlan> restore_dsbm(const TransportProblem& problem,
                                                  const PlanState& state) {
  return restore_drift_plan(problem, state);
}

}  // namespace otbridge
