#include "neural/bridge_pairs.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/solvers/dsbm.hpp"
#include "solve/drift_alternation.hpp"
#include "solve/entropic_start.hpp"
#include "solve/mixture_start.hpp"
#include "solvers/dsbm/start_coupling.hpp"

namespace otbridge {
namespace {

// In few dimensions sweeps leave out most pairs, and a coupling of many samples is cheap.
constexpr Index kFewDimensions = 3, kManySamples = 32768, kSamples = 8192, kFitSamples = 10000;

// Relative epsilon below which a few shapes are seldom near the bridge, and long in the fitting.
constexpr double kNarrow = 0.005;

std::string start_of(const DsbmSettings& settings, const TransportProblem& problem,
                     double epsilon_relative) {
  if (settings.start != "auto") return settings.start;
  const auto is_cloud = [](const Measure& law) { return law.as<WeightedPoints>() != nullptr; };
  const bool sampled = is_cloud(problem.source()) || is_cloud(problem.target());
  if (sampled) return "sinkhorn";
  if (problem.dimension() > kFewDimensions) return "mixture";
  return epsilon_relative < kNarrow ? "sinkhorn" : "polished";
}

Index samples_of(const DsbmSettings& settings, const std::string& start, Index dimension) {
  if (settings.samples > 0) return settings.samples;
  if (start == "mixture") return kFitSamples;
  return dimension <= kFewDimensions ? kManySamples : kSamples;
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
  const std::string begin = start_of(settings, problem, run.report().epsilon_relative());
  std::optional<EntropicStart> start;
  std::optional<MixturePotential> mixture;
  if (networks.fits_behind() < 2) {  // of the half steps that learn from it
    const Index samples = samples_of(settings, begin, problem.dimension());
    if (begin == "sinkhorn" || begin == "polished") {
      start = begin == "sinkhorn" ? entropic_start(problem, samples, run)
                                  : polished_start(problem, samples, run);
      if (!start) return networks.finish();
    } else if (begin == "mixture") {
      mixture = mixture_start(problem, {samples}, run);
      if (!mixture) return networks.finish();
    }
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
    if (n == 1 && mixture) return fit(MixtureEnds(problem, *mixture, direction));
    if (n == 1 && begin == "independent") return fit(IndependentEnds(problem));
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
