#include "entropic/relaxed_step.hpp"

#include <cmath>

namespace otbridge {
namespace {

// Moves one potential to, or beyond, its exact maximiser; returns the L1 error of that marginal
// before the move, which costs nothing: the row sums are a_i exp((f_i - f*_i) / s^2).
double half_step(DualIterate& iterate, Side side, double omega, Accuracy accuracy) {
  const Vector& weights = iterate.clouds().weights(side);
  Vector row_sums;  // over the weights
  const Vector delta = iterate.op().transform(side, iterate.pair(), accuracy, &row_sums) -
                       iterate.pair().of(side);  // f* - f

  // The dual gains a_i (omega delta_i - s^2 (exp((omega - 1) delta_i / s^2) - exp(-delta_i / s^2)))
  // from row i; over-relaxation is kept only if the sum is a gain (Thibault et al. 2021, section
  // 3).
  if (omega > 1.0) {
    const Eigen::ArrayXd z = delta.array() / iterate.s2();
    const double gain =
        (weights.array() * (omega * z - ((omega - 1.0) * z).exp() + row_sums.array())).sum();
    if (!(gain >= 0.0 && std::isfinite(gain))) omega = 1.0;
  }
  iterate.move(side, omega * delta);
  return (weights.array() * (1.0 - row_sums.array()).abs()).sum();
}

}  // namespace

MarginalGap relaxed_iteration(DualIterate& iterate, Relaxation& relaxation, Accuracy accuracy) {
  const double source_error = half_step(iterate, Side::source, relaxation.omega(), accuracy);
  const double target_error = half_step(iterate, Side::target, relaxation.omega(), accuracy);
  relaxation.observe(source_error);
  return {source_error, target_error};
}

}  // namespace otbridge
