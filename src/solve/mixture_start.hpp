// The mixture bridge of two laws, which solvers that learn drifts may begin with.
#pragma once

#include <optional>
#include <string>

#include "measure/mixture_potential.hpp"
#include "mixture/bridge_fit.hpp"
#include "solve/run.hpp"

namespace otbridge {

// As the settings of the solver `mixture` of these names.
struct MixtureStart {
  Index samples;
  Index components = 0;
  Index refinement = BridgeFitSettings{}.refinement;
};

// Fitted as that solver does by default but for these: to clouds, which stand for the laws of the
// problem, and then to fresh draws of those that are none. Empty where the run was told to stop
// meanwhile.
std::optional<BridgeFit> fit_start(const TransportProblem& problem, const DiscreteEnds& clouds,
                                   const MixtureStart& shapes, Run& run);
// "a mixture bridge of 24 shapes, loss 1.5 nats"
std::string words_for(const BridgeFit& fit);

// The fit to `samples` draws of a law that is no cloud. Both are noted in the report.
std::optional<MixturePotential> mixture_start(const TransportProblem& problem, Index samples,
                                              Run& run);

}  // namespace otbridge
