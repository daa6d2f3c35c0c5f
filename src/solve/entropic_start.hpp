// The entropic coupling of samples of both laws, which solvers that learn drifts may begin with.
#pragma once

#include <optional>

#include "entropic/cloud_ascent.hpp"
#include "entropic/conditional.hpp"
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

// The same by way of a mixture bridge: of potentials that are fitted to many fresh draws f is taken
// at the points of the source, and g is its soft c-transform at those of the target. What a cloud's
// sampling error does to potentials at large is spared so, and what the shapes are too few for is
// the target's own. Where the source marginal then is farther off than draws explain, the two
// transforms go on in turn (Sinkhorn's steps); where a few do not mend it, or the mixture does not
// reach a point, it is entropic_start. For laws that can be drawn, in few dimensions: O(samples^2).
std::optional<EntropicStart> polished_start(const TransportProblem& problem, Index samples,
                                            Run& run);

// The near end given the far one of a direction. Keeps a reference to the points of that side.
EntropicConditional near_end(const WeightedPoints& source, const WeightedPoints& target,
                             const DualPair& potentials, Direction direction,
                             const ReferenceProcess& reference);

}  // namespace otbridge
