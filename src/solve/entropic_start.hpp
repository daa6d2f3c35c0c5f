// The entropic coupling of samples of both laws, which solvers that learn drifts may begin with.
#pragma once

#include <optional>

#include "entropic/cloud_ascent.hpp"
#include "solve/run.hpp"

namespace otbridge {

struct EntropicStart {
  DiscreteEnds ends;
  DualPair potentials;  // in cost units
};

// Both laws as clouds, `samples` draws of a law that is none, with the potentials between them: the
// marginals to 1e-3 in L1, far below the error of the samples. What falls short of that, and what
// was drawn, is noted in the report. Empty where the run was told to stop meanwhile.
std::optional<EntropicStart> entropic_start(const TransportProblem& problem, Index samples,
                                            Run& run);

}  // namespace otbridge
