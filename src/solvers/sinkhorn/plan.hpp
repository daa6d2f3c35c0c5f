// SinkhornPlan: a discrete coupling as a plan, at new points too, in both directions and at any
// time.
//
// Out of sample the conditional of a point is given by the potential of the other side alone
// (Pooladian, Niles-Weed 2021; drift: the same, 2024). Immutable. O(rows m d) per call, parallel.
#pragma once

#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "plan/cloud_side.hpp"

namespace otbridge {

class SinkhornPlan final : public TransportPlan, Coupling, Potentials, Drift {
 public:
  // f, g: potentials in cost units, any gauge; entries at points of weight 0 are recomputed.
  SinkhornPlan(const TransportProblem& problem, const WeightedPoints& source,
               const WeightedPoints& target, Vector f, Vector g);
  // From a plan's state: the same bytes out.
  SinkhornPlan(const TransportProblem& problem, const PlanState& state);

  const Coupling* coupling() const override { return this; }
  const Potentials* potentials() const override { return this; }
  const Drift* drift() const override { return this; }
  PlanState state() const override;

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override;
  Points do_map(ConstPoints x, Direction direction) const override;

  const Points& source_points() const override { return source_.points; }
  const Points& target_points() const override { return target_.points; }
  const Vector& source_weights() const override { return source_.weights; }
  const Vector& target_weights() const override { return target_.weights; }
  Matrix do_rows(Index begin, Index end) const override;

  Vector do_f(ConstPoints x) const override;
  Vector do_g(ConstPoints y) const override;

  // t in [0, 1) forward and (0, 1] backward: at the far end the drift of a discrete law is
  // unbounded, and InvalidInput is thrown.
  Points do_at(double t, ConstPoints x, Direction direction) const override;

  const CloudSide& far_end(Direction direction) const {
    return direction == Direction::forward ? target_ : source_;
  }

  CloudSide source_, target_;
};

}  // namespace otbridge
