// The iteration proper: an update of f and one of g, each beyond its maximiser where that gains.
#pragma once

#include "entropic/dual_iterate.hpp"
#include "entropic/relaxation.hpp"

namespace otbridge {

// The errors are those of each marginal just before its update. Two sweeps, O(n m d).
MarginalGap relaxed_iteration(DualIterate& iterate, Relaxation& relaxation, Accuracy accuracy);

}  // namespace otbridge
