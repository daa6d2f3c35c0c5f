// MixturePlan: a bridge from a mixture potential: forward in closed form, backward by the source
// cloud.
//
// Immutable. O(rows K d^2) per forward call, O(rows n d) per backward one; parallel over rows.
#pragma once

#include "entropic/conditional.hpp"
#include "measure/mixture_potential.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "plan/cloud_side.hpp"

namespace otbridge {

class MixturePlan final : public TransportPlan, Potentials, Drift, Conditionals, Density {
 public:
  // shapes: about the center; source: what stands for the source law, with any potential: it is
  // computed from the shapes. Throws InvalidInput where the shapes make no law of some x.
  MixturePlan(const TransportProblem& problem, CloudSide source, const Eigen::RowVectorXd& center,
              std::vector<PotentialShape> shapes);

  const Potentials* potentials() const override { return this; }
  const Drift* drift() const override { return this; }
  const Conditionals* conditionals() const override { return this; }
  const Density* density() const override { return this; }
  std::string_view name() const override { return "mixture"; }
  PlanState state() const override;

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override;
  Points do_map(ConstPoints x, Direction direction) const override;
  Vector do_f(ConstPoints x) const override;
  Vector do_g(ConstPoints y) const override;
  // Backward t in (0, 1]: at 0 the drift onto the cloud is unbounded, and InvalidInput is thrown.
  Points do_at(double t, ConstPoints x, Direction direction) const override;
  std::optional<Matrix> do_covariance(ConstPoints x, Direction direction) const override;
  // Forward alone: backward the source is a cloud.
  std::optional<Vector> do_log_density(ConstPoints x, ConstPoints y,
                                       Direction direction) const override;

  // Forward from a source that is a cloud: a mixture of its conditionals.
  LogDensity do_log_at(ConstPoints y, Direction direction,
                       const DensitySettings& settings) const override;

  GaussianKernel endpoint_kernel() const;
  CloudSide with_potential(CloudSide source);  // sets the gauge too

  std::vector<PotentialShape> shapes_;
  MixturePotential potential_;
  double gauge_ = 0.0;  // what makes E_mu f = 0
  CloudSide source_;
  std::shared_ptr<const TiltedCloud> source_cloud_;
  EntropicConditional backward_;
};

}  // namespace otbridge
