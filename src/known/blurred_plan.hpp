// BlurredPlan: the exact bridge from a blurred law to the law that was blurred.
//
// With a and s^2 those of the endpoint kernel, c and r the shift and scale of the blur:
// X_0 = ((Y - c) / r + sqrt(s^2 / r) Z) / a, X_1 = Y, which has the form exp((f + g - cost) / s^2)
// mu x nu with quadratic g. Forward, X_1 given x is Y given Y + sqrt(r) s Z = r a x + c; backward
// X_0 given y is Gaussian. O(rows) times the cost of the posterior.
#pragma once

#include "known/posterior.hpp"
#include "otbridge/known/known_answer.hpp"
#include "otbridge/measure/blurred.hpp"
#include "otbridge/plan/transport_plan.hpp"

namespace otbridge {

class BlurredPlan final : public TransportPlan, Potentials, Drift, Conditionals, Density {
 public:
  // The source is a Blurred law of the target, by the problem's own reference.
  explicit BlurredPlan(const TransportProblem& problem);

  const Potentials* potentials() const override { return this; }
  const Drift* drift() const override { return this; }
  const Conditionals* conditionals() const override { return this; }
  const Density* density() const override { return this; }
  std::string_view name() const override { return kTruth; }
  PlanState state() const override;

  // Values of the true coupling, and what they owe to a finite draw.
  struct Values {
    double value_linear, kl;
    double kl_error;                  // a standard error
    std::optional<double> map_error;  // likewise, of map(), where the target is a draw of itself
  };
  const Values& values() const { return values_; }

 private:
  Points do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                   Index first_row) const override;
  Points do_map(ConstPoints x, Direction direction) const override;
  Vector do_f(ConstPoints x) const override;
  Vector do_g(ConstPoints y) const override;
  std::optional<Matrix> do_covariance(ConstPoints x, Direction direction) const override;
  std::optional<Vector> do_log_density(ConstPoints x, ConstPoints y,
                                       Direction direction) const override;
  // Of the laws of the problem. Backward where the target is not a draw of itself.
  LogDensity do_log_at(ConstPoints y, Direction direction,
                       const DensitySettings& settings) const override;
  // Forward t = 1 is refused unless the target has a density in closed form.
  Points do_at(double t, ConstPoints x, Direction direction) const override;

  Points forward_drift(double t, ConstPoints x) const;
  Points backward_drift(double t, ConstPoints x) const;
  Points observed(ConstPoints x) const;    // r a x + c
  Vector log_source(ConstPoints x) const;  // the density of the source
  double quadratic_f(const Vector& row) const;
  double quadratic_g(const Vector& row) const;
  void measure();

  double a_, s2_, r_;
  Vector c_;
  std::unique_ptr<const Posterior> posterior_;
  double constant_f_ = 0.0, constant_g_ = 0.0;
  Values values_ = {};
};

}  // namespace otbridge
