// ExactPlan: an unregularised coupling of two clouds as a plan.
//
// Conditionals and conventions at new points: conditional.hpp. The paths are those of the
// reference bridge without its noise: straight lines for Brownian motion (displacement
// interpolation, McCann 1997), the mean of the bridge where the reference reverts. Immutable.
#pragma once

#include <mutex>
#include <optional>

#include "otbridge/plan/transport_plan.hpp"
#include "plan/cloud_pair.hpp"
#include "solvers/exact/conditional.hpp"

namespace otbridge {

class ExactPlan final : public TransportPlan, CloudPair, Potentials {
 public:
  // Potentials in cost units, any gauge. flows: by source, then by target.
  ExactPlan(const TransportProblem& problem, CloudSide source, CloudSide target,
            std::vector<Flow> flows);
  // From a plan's state: the same bytes out. Throws InvalidInput unless the flows are a coupling of
  // the two sides, to rounding.
  ExactPlan(const TransportProblem& problem, const PlanState& state);

  const Coupling* coupling() const override { return this; }
  const Potentials* potentials() const override { return this; }
  std::string_view name() const override { return "exact"; }
  PlanState state() const override;

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override;
  Points do_map(ConstPoints x, Direction direction) const override;
  Paths do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                        const RandomStream& stream, Index first_row) const override;

  Matrix do_rows(Index begin, Index end) const override;
  std::vector<Flow> do_flows(double least) const override;

  Vector do_f(ConstPoints x) const override;
  Vector do_g(ConstPoints y) const override;

  // Made when it is first asked for, by any thread: who wants the flows alone waits for neither.
  const ExactConditional& conditional(Direction direction) const;

  std::vector<Flow> flows_;  // by source, then by target
  struct Lazy {
    std::once_flag made;
    std::optional<ExactConditional> conditional;  // refers to both sides
  };
  mutable Lazy forward_, backward_;
};

}  // namespace otbridge
