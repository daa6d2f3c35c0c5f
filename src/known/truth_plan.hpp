// TruthPlan: the plan of a solver whose answer is exact for the problem, under the name of the
// truth.
#pragma once

#include "otbridge/known/known_answer.hpp"
#include "otbridge/plan/transport_plan.hpp"

namespace otbridge {

class TruthPlan final : public TransportPlan {
 public:
  explicit TruthPlan(std::unique_ptr<const TransportPlan> plan)
      : TransportPlan(plan->problem()), plan_(std::move(plan)) {}

  std::string_view name() const override { return kTruth; }
  const Coupling* coupling() const override { return plan_->coupling(); }
  const Potentials* potentials() const override { return plan_->potentials(); }
  const Drift* drift() const override { return plan_->drift(); }
  const Conditionals* conditionals() const override { return plan_->conditionals(); }
  const Density* density() const override { return plan_->density(); }
  // Nothing: the problem says it all.
  PlanState state() const override { return {std::string(name()), {}, {}}; }

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override {
    return plan_->sample(x, direction, stream, first_row);
  }
  Points do_map(ConstPoints x, Direction direction) const override {
    return plan_->map(x, direction);
  }
  Paths do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                        const RandomStream& stream, Index first_row) const override {
    return plan_->sample_paths(x, times, direction, stream, first_row);
  }

  std::unique_ptr<const TransportPlan> plan_;
};

}  // namespace otbridge
