// SinkhornPlan: a discrete coupling as a plan, at new points too, in both directions and at any
// time.
//
// Out of sample the conditional of a point is given by the potential of the other side alone
// (Pooladian, Niles-Weed 2021; drift: the same, 2024). Immutable. O(rows m d) per call, parallel;
// in few dimensions over near points alone, in the precision of entropic/conditional.hpp. Memory
// O((n + m) d): weights are computed, not kept.
#pragma once

#include <optional>

#include "entropic/conditional.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "plan/cloud_pair.hpp"

namespace otbridge {

class SinkhornPlan final : public TransportPlan, CloudPair, Potentials, Drift, Conditionals {
 public:
  // f, g: potentials in cost units, any gauge; entries at points of weight 0 are recomputed.
  SinkhornPlan(const TransportProblem& problem, const WeightedPoints& source,
               const WeightedPoints& target, Vector f, Vector g);
  // From a plan's state: the same bytes out.
  SinkhornPlan(const TransportProblem& problem, const PlanState& state);

  const Coupling* coupling() const override { return this; }
  const Potentials* potentials() const override { return this; }
  const Drift* drift() const override { return this; }
  const Conditionals* conditionals() const override { return this; }
  std::string_view name() const override { return "sinkhorn"; }
  PlanState state() const override;

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override;
  Points do_map(ConstPoints x, Direction direction) const override;

  Matrix do_rows(Index begin, Index end) const override;
  std::vector<Index> do_partners(const RandomStream& stream) const override;

  Vector do_f(ConstPoints x) const override;
  Vector do_g(ConstPoints y) const override;

  // t in [0, 1) forward and (0, 1] backward: at the far end the drift of a discrete law is
  // unbounded, and InvalidInput is thrown.
  Points do_at(double t, ConstPoints x, Direction direction) const override;

  std::optional<Matrix> do_covariance(ConstPoints x, Direction direction) const override;

  // What the direction leads to, with its potential; and its law given the near end, over the whole
  // time.
  std::shared_ptr<const TiltedCloud> tilted(Direction direction) const;
  EntropicConditional endpoint_conditional(std::shared_ptr<const TiltedCloud> far,
                                           Direction direction) const;
  const EntropicConditional& conditional(Direction direction) const {
    return direction == Direction::forward ? *forward_ : *backward_;
  }
  void fill_massless();
  void prepare();  // the conditionals, once the sides are in place

  // They refer to both sides, so they are made last and in place.
  std::shared_ptr<const TiltedCloud> forward_cloud_, backward_cloud_;
  std::optional<EntropicConditional> forward_, backward_;
};

}  // namespace otbridge
