#include "entropic/newton_step.hpp"

#include <algorithm>

#include "entropic/line_search.hpp"
#include "entropic/newton_direction.hpp"

namespace otbridge {
namespace {

constexpr double kTrust = 16.0;   // the largest change of a potential, in units of s^2
constexpr double kUseful = 0.6;   // residual ratio of a direction worth a step
constexpr double kWorse = 10.0;   // growth of the error that a step may bring near the end
constexpr int kLineSearch = 2;    // iterations that one with the measurement takes as long as
constexpr Index kProducts = 500;  // limit on the products of one step

// In the precision that the policy has for products, and again in double if that is of no use.
NewtonDirection find_direction(DualIterate& iterate, PrecisionPolicy& policy, const Vector& columns,
                               double forcing, const NewtonControl& control) {
  NewtonDirection direction{Vector(), 0, 1.0};
  Index products = 0;
  for (int attempt = 0; attempt < 2 && direction.residual_ratio > kUseful; ++attempt) {
    if (attempt > 0) policy.distrust_products();
    const Accuracy accuracy{policy.of_products(iterate.rounding(Precision::single)),
                            std::max(control.accuracy.truncation, 1e-6 * forcing)};
    // Two iterations are set aside: f's update, and the measurement after the step.
    const Index limit = std::min(kProducts, control.iterations - products - 2);
    direction = newton_direction(iterate.op(), iterate.pair(), columns,
                                 {forcing, limit, accuracy, [&] { return control.proceed(1); }});
    products += direction.products;
  }
  direction.products = products;
  return direction;
}

}  // namespace

double newton_forcing(double error, double tolerance) {
  return std::clamp(0.3 * tolerance / error, std::min(0.1, error), 0.5);
}

// Near the end the gain of the dual is below its rounding; there a step counts if the error does
// not grow much, and what would be lost otherwise is taken back.
NewtonStep newton_step(DualIterate& iterate, PrecisionPolicy& policy,
                       const NewtonControl& control) {
  const Vector& b = iterate.clouds().b;
  const double s2 = iterate.s2();
  const Accuracy accuracy = control.accuracy;
  iterate.maximise(Side::source, accuracy);
  const Vector columns = iterate.column_marginal(accuracy);
  const double error = (columns - b).lpNorm<1>();
  NewtonStep step{{0.0, error}, 1, false, false};
  if (error <= control.tolerance) return step;

  const DualPair from = iterate.pair();
  const double forcing = newton_forcing(error, control.tolerance);
  const NewtonDirection direction = find_direction(iterate, policy, columns, forcing, control);
  step.iterations += direction.products;
  if (!control.proceed(kLineSearch)) {
    step.failed = true;
    return step;
  }
  // Potentials that the quadratic model would move far are held back one by one: for points that
  // get next to no mass it knows nothing.
  const Vector delta = direction.delta.cwiseMax(-kTrust).cwiseMin(kTrust);
  step.held_back = delta != direction.delta;

  // The gradient of the dual in g is b - c.
  const auto found = backtrack(iterate.value(), (b - columns).dot(delta), [&](double length) {
    iterate.set({from.f, from.g + length * s2 * delta});
    iterate.maximise(Side::source, accuracy);
    return iterate.value();
  });
  if (found) {
    ++step.iterations;
    // Where this is likely the end, the measurement in double is wanted anyway.
    const bool ends = accuracy.precision == Precision::full && forcing * error <= control.tolerance;
    const MarginalGap reached =
        ends ? iterate.measured()
             : MarginalGap{0.0, (iterate.column_marginal(accuracy) - b).lpNorm<1>()};
    if (found->confirmed || reached.larger() <= kWorse * error) {
      step.errors = reached;
      return step;
    }
  }
  iterate.set(from);
  step.failed = true;
  return step;
}

}  // namespace otbridge
