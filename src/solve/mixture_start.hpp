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
  Index samples;  // that stand in the clouds for a law that is none
  Index components = 0;
  Index refinement = BridgeFitSettings{}.refinement;
};

// Fitted as that solver does by default but for these, to clouds of the laws and then to fresh
// draws of them. How many shapes it has is noted in the report, after `role`: what it is for. Empty
// where the run was told to stop meanwhile.
std::optional<MixturePotential> mixture_start(const TransportProblem& problem,
                                              const DiscreteEnds& clouds,
                                              const MixtureStart& shapes, const std::string& role,
                                              Run& run);

}  // namespace otbridge
