// CloudPair: two weighted clouds with a potential each, what every plan between finite supports
// holds.
//
// It is the part of a Coupling that does not depend on how the mass is found, the gauge, and the
// names under which both sides are saved: x a f of the source, y b g of the target.
#pragma once

#include "otbridge/plan/faces.hpp"
#include "otbridge/problem/problem.hpp"
#include "plan/cloud_side.hpp"

namespace otbridge {

class CloudPair : public Coupling {
 public:
  const Points& source_points() const final { return source_.points; }
  const Points& target_points() const final { return target_.points; }
  const Vector& source_weights() const final { return source_.weights; }
  const Vector& target_weights() const final { return target_.weights; }

 protected:
  // Potentials in cost units, any gauge.
  CloudPair(CloudSide source, CloudSide target);
  // From the state of a plan of the problem: the same bytes out, so the gauge is left as it was
  // saved. Throws InvalidInput where read_cloud_side does.
  CloudPair(const PlanState& state, const TransportProblem& problem);

  // What the direction leads to: the target when going forward.
  const CloudSide& far_end(Direction direction) const {
    return direction == Direction::forward ? target_ : source_;
  }
  // Moves a constant from f to g, so that E_mu f = 0.
  void fix_gauge();
  std::map<std::string, Points> arrays() const;

  CloudSide source_, target_;
};

}  // namespace otbridge
