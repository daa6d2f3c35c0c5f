// The mixture bridge of two laws, which solvers that learn drifts may begin with.
#pragma once

#include <optional>

#include "measure/mixture_potential.hpp"
#include "solve/run.hpp"

namespace otbridge {

// Fitted as the solver `mixture` does by default, with `samples` draws of a law that is no cloud,
// and fresh ones. How many shapes it has is noted in the report. Empty where the run was told to
// stop meanwhile.
std::optional<MixturePotential> mixture_start(const TransportProblem& problem, Index samples,
                                              Run& run);

}  // namespace otbridge
