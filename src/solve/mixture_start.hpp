// The mixture bridge of two laws, which solvers that learn drifts may begin with.
#pragma once

#include <optional>

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

// Fitted as that solver does by default but for these. How many shapes it has is noted in the
// report. Empty where the run was told to stop meanwhile.
std::optional<MixturePotential> mixture_start(const TransportProblem& problem,
                                              const MixtureStart& shapes, Run& run);

}  // namespace otbridge
