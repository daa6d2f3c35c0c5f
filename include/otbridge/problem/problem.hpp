// TransportProblem: the question every solver answers.
//
// Among path laws with X_0 ~ source and X_1 ~ target, find the one closest in KL to the reference.
// Its endpoint coupling minimises E|y - a x|^2 / 2 + s^2 KL(pi | mu x nu); see docs/conventions.md.
#pragma once

#include "otbridge/measure/measure.hpp"
#include "otbridge/reference/reference.hpp"

namespace otbridge {

// What moving mass from x to y costs. There is one: it is that of the reference process, whose
// transition density is exp(-|y - a x|^2 / (2 s^2)) up to a constant.
enum class GroundCost { half_squared_euclidean };

class TransportProblem {
 public:
  // Throws InvalidInput if a law is missing, the dimensions differ, or the cost is none of the
  // above.
  TransportProblem(Measure source, Measure target, ReferenceProcess reference,
                   GroundCost cost = GroundCost::half_squared_euclidean);

  const Measure& source() const { return source_; }
  const Measure& target() const { return target_; }
  const ReferenceProcess& reference() const { return reference_; }
  GroundCost cost() const { return cost_; }
  Index dimension() const { return source_->dimension(); }

  // The law at the start of the given direction: the source when going forward.
  const Measure& start(Direction direction) const {
    return direction == Direction::forward ? source_ : target_;
  }

 private:
  Measure source_, target_;
  ReferenceProcess reference_;
  GroundCost cost_;
};

}  // namespace otbridge
