// GaussianPlan: the Gaussian bridge as a plan, with closed forms for everything it is asked.
//
// Every row is computed alone, so that rows do not depend on the batch. O(d^2) per row, parallel.
#pragma once

#include "otbridge/plan/transport_plan.hpp"
#include "solvers/gaussian/closed_form.hpp"

namespace otbridge {

class GaussianPlan final : public TransportPlan, Potentials, Drift, Conditionals, Density {
 public:
  GaussianPlan(const TransportProblem& problem, GaussianBridge bridge);

  const Potentials* potentials() const override { return this; }
  const Drift* drift() const override { return this; }
  const Conditionals* conditionals() const override { return this; }
  const Density* density() const override { return this; }
  std::string_view name() const override { return "gaussian"; }
  // The moments of both laws; everything else follows from them.
  PlanState state() const override;

  // E_mu f + E_nu g, from the potentials as this plan evaluates them.
  double dual_value() const;

 private:
  // |scale x - center|^2 / 2 - sum_k curvature_k (basis_k . (x - about))^2 / 2 + constant.
  struct Quadratic {
    double scale = 1.0;
    Vector center, about;
    Matrix basis;
    Vector curvature;
    double constant = 0.0;

    double at(const Vector& x) const;
    double mean(const Matrix& covariance) const;  // over N(about, covariance)
  };

  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override;
  Points do_map(ConstPoints x, Direction direction) const override;

  // Off the supports, the soft c-transforms of each other.
  Vector do_f(ConstPoints x) const override { return values(f_, x); }
  Vector do_g(ConstPoints y) const override { return values(g_, y); }
  Vector values(const Quadratic& potential, ConstPoints x) const;

  // Affine in x, for every x. At the time of the far end itself it exists only where that end has
  // full rank; InvalidInput otherwise.
  Points do_at(double t, ConstPoints x, Direction direction) const override;

  // The same for every x.
  std::optional<Matrix> do_covariance(ConstPoints x, Direction direction) const override;
  // Empty where the conditional lives on a subspace.
  std::optional<Vector> do_log_density(ConstPoints x, ConstPoints y,
                                       Direction direction) const override;

  // Of the far Gaussian, where the near law is one: of another, moments alone are known.
  LogDensity do_log_at(ConstPoints y, Direction direction,
                       const DensitySettings& settings) const override;

  // The end that the direction starts from, and the one it leads to.
  const Vector& near_mean(Direction direction) const { return far_mean(opposite(direction)); }
  const Vector& far_mean(Direction direction) const {
    return direction == Direction::forward ? bridge_.coupling.mean_target
                                           : bridge_.coupling.mean_source;
  }
  const ConditionalSpread& far_spread(Direction direction) const {
    return direction == Direction::forward ? bridge_.target : bridge_.source;
  }

  GaussianBridge bridge_;
  Quadratic f_, g_;
};

}  // namespace otbridge
