// What a coarse problem at the same temperature says about an error of the whole one.
//
// Where f is exact for g an update of g takes away the errors of single columns, and next to
// nothing of those that change slowly from point to point: mass has to go a long way for them. A
// problem of few points sees these as well. It is solved as it is, and again for column masses that
// are out of balance as those of the whole problem are; by what the transform of its source
// potential changes at a point, the update of the whole one is to be changed. Two grids in the full
// approximation scheme (Brandt 1977, section 5; Briggs, Henson, McCormick 2000, chapter 6) with the
// Sinkhorn iteration as smoother.
#pragma once

#include <functional>

#include "entropic/dual_iterate.hpp"

namespace otbridge {

// What is to be added to the updated g where the iterate's columns have these masses instead of b,
// and f is exact. Two solves of a problem with an eighth of the points or fewer, and its sums at
// the points of the target. proceed: asked between their steps; once false, the correction is 0.
Vector coarse_correction(const DualIterate& iterate, const Vector& columns,
                         const std::function<bool()>& proceed);

}  // namespace otbridge
