// CoarseCorrection: what a coarse problem at the same temperature says about an error of the whole.
//
// Where f is exact for g an update of g takes away the errors of single columns, and next to
// nothing of those that change slowly from point to point: mass has to go a long way for them. A
// problem of few points sees these as well. It is solved anew for column masses that are out of
// balance as those of the whole problem are; by what the transform of its source potential changes
// at a point, the update of the whole one is to be changed. Two grids in the full approximation
// scheme (Brandt 1977, section 5; Briggs, Henson, McCormick 2000, chapter 6) with the Sinkhorn
// iteration as smoother.
#pragma once

#include "entropic/dual_iterate.hpp"

namespace otbridge {

class CoarseCorrection {
 public:
  // Of the clouds of the iterate at its temperature; kept by reference, and to stay there. Solves
  // the coarse problem, with an eighth of the points or fewer, from the iterate's potentials.
  explicit CoarseCorrection(const DualIterate& iterate);

  // What is to be added to the updated g where the columns have these masses instead of b, and f is
  // exact. One solve of the coarse problem, and its sums at the points of the target.
  Vector of_target(const Vector& columns);

 private:
  void solve(double tolerance);
  Vector at_target() const;

  const DualIterate& iterate_;
  Index group_;             // points as one
  DiscreteProblem coarse_;  // its b is moved by every call
  DualPair pair_;           // of coarse_
  Vector present_;          // the transform of its f at the points of the target
};

}  // namespace otbridge
