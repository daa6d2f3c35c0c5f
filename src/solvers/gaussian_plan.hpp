// GaussianPlan: the Schroedinger bridge between two Gaussian laws, in closed form.
#pragma once

#include "otbridge/plan/transport_plan.hpp"
#include "otbridge/solvers/gaussian.hpp"

namespace otbridge {

// Conditional law of one end given the other: N(mean + gain (given - given_mean), covariance). The
// formulas hold at any point of space, also off the support of a rank-deficient law.
struct GaussianConditional {
  Vector given_mean, mean;
  Matrix gain, covariance, root;  // root root^T = covariance, symmetric
};

struct GaussianBridge {
  GaussianCoupling coupling;
  GaussianConditional forward, backward;
  double value_linear, kl, value;
};
GaussianBridge gaussian_bridge(const Vector& mean_source, const Matrix& cov_source,
                               const Vector& mean_target, const Matrix& cov_target,
                               const ReferenceProcess& reference);

class GaussianPlan final : public TransportPlan, private Potentials, private Drift {
 public:
  GaussianPlan(const TransportProblem& problem, GaussianBridge bridge);

  const otbridge::Potentials* potentials() const override { return this; }
  const otbridge::Drift* drift() const override { return this; }
  PlanState state() const override;

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override;
  Points do_map(ConstPoints x, Direction direction) const override;
  Vector f(ConstPoints x) const override;
  Vector g(ConstPoints y) const override;
  Points at(double t, ConstPoints x, Direction direction) const override;

  const GaussianConditional& conditional(Direction direction) const {
    return direction == Direction::forward ? bridge_.forward : bridge_.backward;
  }

  GaussianBridge bridge_;
};

}  // namespace otbridge
