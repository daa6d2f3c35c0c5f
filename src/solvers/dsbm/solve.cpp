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
// coupling, later each in turn on those between the ends of the other's chain, started at the true
// law of its own far end.
Solution solve_dsbm(const TransportProblem& problem, const DsbmSettings& settings,
                    const SolveContext& context) {
  check_settings(settings);
  Run run("dsbm", problem, context);
  AlternationSettings alternation =
      alternation_settings(settings, 2 * settings.iterations, BaseDrift::bridge);
  alternation.together = 2;
  DriftAlternation networks(run, problem, alternation);
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
      mixture = mixture_start(problem, samples, run);
      if (!mixture) return networks.finish();
    }
  }
  const auto pairs = [&](Direction direction, const EndpointSource& ends) {
    return BridgePairs(networks.design(), direction, ends, settings.candidates);
  };
  // From a coupling that no network makes, both directions at once.
  const auto match_both = [&](const EndpointSource& back, const EndpointSource& forth) {
    const BridgePairs backward = pairs(Direction::backward, back),
                      forward = pairs(Direction::forward, forth);
    return networks.fit(
        std::array{Fit{{1, Direction::backward}, backward}, Fit{{1, Direction::forward}, forward}});
  };
  // From the chain of the other direction's network, which is the reference before any fit.
  const auto match_in_turn = [&](Index n) {
    const auto match = [&](Direction direction) {
      const ChainEnds ends(problem, networks.network(opposite(direction)));
      return networks.fit({n, direction}, pairs(direction, ends));
    };
    return match(Direction::backward) && match(Direction::forward);
  };
  const auto first_round = [&] {
    const auto entropic = [&](Direction direction) {
      return EntropicEnds(problem, start->ends.source, start->ends.target, start->potentials,
                          direction);
    };
    const auto fitted = [&](Direction direction) {
      return MixtureEnds(problem, *mixture, direction);
    };
    if (start) return match_both(entropic(Direction::backward), entropic(Direction::forward));
    if (mixture) return match_both(fitted(Direction::backward), fitted(Direction::forward));
    if (begin == "independent") {
      return match_both(IndependentEnds(problem), IndependentEnds(problem));
    }
    return match_in_turn(1);
  };
  // Half steps that are behind are passed over, whatever their pairs would be.
  bool going_on = first_round();
  for (Index n = 2; going_on && n <= settings.iterations; ++n) going_on = match_in_turn(n);
  return networks.finish();
}

std::unique_ptr<const TransportPlan> restore_dsbm(const TransportProblem& problem,
                                                  const PlanState& state) {
  return restore_drift_plan(problem, state);
}

}  // namespace otbridge
