// TransportProblem: the question every solver answers.
//
// Among path laws with X_0 ~ source and X_1 ~ target, find the one closest in KL to the reference.
// Its endpoint coupling minimises E|y - a x|^2 / 2 + s^2 KL(pi | mu x nu); see docs/conventions.md.
#pragma once

#include "otbridge/measure/measure.hpp"
#include "otbridge/reference/reference.hpp"

namespace otbridge {

class TransportProblem {
 public:
  // Throws InvalidInput if the dimensions differ.
  TransportProblem(Measure source, Measure target, ReferenceProcess reference);

  const Measure& source() const { return source_; }
  const Measure& target() const { return target_; }
  const ReferenceProcess& reference() const { return reference_; }
  Index dimension() const { return source_->dimension(); }

  // The law at the start of the given direction: the source when going forward.
  const Measure& start(Direction direction) const {
    return direction == Direction::forward ? source_ : target_;
  }

 private:
  Measure source_, target_;
  ReferenceProcess reference_;
};

}  // namespace otbridge
