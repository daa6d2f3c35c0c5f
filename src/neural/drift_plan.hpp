// DriftPlan: two drift networks over one problem, simulated on demand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "neural/drift_network.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "sde/chain.hpp"

namespace otbridge {

// sample: the far end of a simulated chain. map: the mean over map_samples simulated chains, in
// antithetic pairs whose noise is a function of the row's coordinates alone, so that the same point
// is always mapped to the same place. Both O(chains n N network), in the plane and on a line mostly
// O(chains n N) by tables that the first call makes (drift_tables.hpp). All chains go by these,
// that of a bound on a density too; drift() at a time and the flow are the networks' own.
class DriftPlan final : public TransportPlan, public Drift, public Density {
 public:
  // solver: the name of the method that trained the networks. Both have the one design.
  DriftPlan(std::string solver, TransportProblem problem, DriftNetwork forward,
            DriftNetwork backward, Index map_samples);

  const Drift* drift() const override { return this; }
  const Density* density() const override { return this; }
  std::vector<double> trained_times() const override { return design().grid.times(); }
  bool trained(Direction direction) const override { return network(direction).fitted(); }
  bool of_discrete_chain() const override { return design().stepper() == Stepper::euler; }
  std::string_view name() const override { return solver_; }
  PlanState state() const override;

 private:
  Points do_at(double t, ConstPoints x, Direction direction) const override;
  Points do_along_chains(double t, ConstPoints x, Direction direction) const override;
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override;
  Points do_map(ConstPoints x, Direction direction) const override;
  // The chain over the steps of training and the asked times together.
  Paths do_sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                        const RandomStream& stream, Index first_row) const override;

  // By the probability-flow ordinary equation of both networks, from the density of the problem's
  // law at the other end.
  LogDensity do_log_at(ConstPoints y, Direction direction,
                       const DensitySettings& settings) const override;

  const DriftNetwork& network(Direction direction) const {
    return direction == Direction::forward ? forward_ : backward_;
  }

  const DriftDesign& design() const { return forward_.design(); }

  std::string solver_;
  DriftNetwork forward_, backward_;
  Index map_samples_;
};

// Bit-identical outputs to those of the plan whose state it is, of whichever solver. Throws
// InvalidInput "plan of SOLVER, ..." for a state that no such plan has.
std::unique_ptr<const TransportPlan> restore_drift_plan(const TransportProblem& problem,
                                                        const PlanState& state);

}  // namespace otbridge
