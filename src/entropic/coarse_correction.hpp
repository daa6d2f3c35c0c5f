// What a coarse problem at the same temperature says about an error of the whole one.
//
// Where f is exact for g an update of g takes away the errors of single columns, and next to
// nothing of those that change slowly from point to point: mass has to go a long way for them. A
// problem of few points sees these as well. It is solved roughly, and then for column masses that
// differ from those found as the ones wanted of the whole problem differ from those it has; by what
// the transform of its source potential changes at a point, the update of the whole one is to be
// changed. Two grids in the full approximation scheme (Brandt 1977, section 5; Briggs, Henson,
// McCormick 2000, chapter 6) with the Sinkhorn iteration as smoother.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "entropic/dual_iterate.hpp"

namespace otbridge {

class CoarseCorrection {
 public:
  // Asked between the steps of a solve; once false, corrections are 0.
  using Proceed = std::function<bool()>;

  // Of the iterate's whole clouds, on which it is, and temperature, which it keeps by reference: an
  // eighth of the points or fewer. Solved near the iterate's potentials, about as far as those are.
  CoarseCorrection(const DualIterate& iterate, const Proceed& proceed);

  // What is to be added to the updated g where the iterate's columns have these masses instead of
  // b, and f is exact. A solve of the coarse problem, and its sums at the points of the target.
  Vector operator()(const Vector& columns, const Proceed& proceed) const;

 private:
  CoarseCorrection(const DualIterate& iterate, Index group, const Proceed& proceed);
  std::optional<DualPair> solved(const DiscreteProblem& coarse, DualPair start, double tolerance,
                                 const Proceed& proceed) const;
  Vector at_target(const Vector& f) const;

  const DualIterate& iterate_;
  Grouping columns_;
  DiscreteProblem coarse_;
  std::unique_ptr<TransformOperator> op_;
  // Of the first solve, or none if that was stopped: f exact for g, the masses of the columns, and
  // the transform of f at the points of the target.
  std::optional<DualPair> base_;
  Vector base_columns_, base_at_target_;
};

}  // namespace otbridge
