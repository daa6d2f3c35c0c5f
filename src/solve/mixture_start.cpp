#include "solve/mixture_start.hpp"

#include "otbridge/core/number_text.hpp"

namespace otbridge {

std::optional<BridgeFit> fit_start(const TransportProblem& problem, const DiscreteEnds& clouds,
                                   const MixtureStart& shapes, Run& run) {
  const auto proceed = [&](Index, Index, double loss) {
    Progress progress;
    progress.phase = "start coupling";
    progress.loss = loss;
    run.show(progress);
    return !run.must_stop();
  };
  BridgeFitSettings settings;
  settings.samples = shapes.samples;
  settings.components = shapes.components;
  settings.refinement = shapes.refinement;
  BridgeFit fit = fit_bridge(problem, clouds.source, clouds.target, settings,
                             RandomStream(run.context().seed, Purpose::training),
                             {proceed, [&] { return run.must_stop(); }});
  if (run.asked_to_stop()) return std::nullopt;
  return fit;
}

std::string words_for(const BridgeFit& fit) {
  return "a mixture bridge of " + std::to_string(fit.shapes.size()) + " shapes, loss " +
         number_text(fit.loss) + " nats";
}

std::optional<MixturePotential> mixture_start(const TransportProblem& problem, Index samples,
                                              Run& run) {
  const DiscreteEnds clouds = discrete_ends(problem, samples, run.context(), run.report());
  const auto fit = fit_start(problem, clouds, {samples}, run);
  if (!fit) return std::nullopt;
  run.report().notes.push_back("the start coupling is " + words_for(*fit));
  return fit->potential(problem.reference());
}

}  // namespace otbridge
