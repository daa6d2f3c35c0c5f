#include "otbridge/metrics/sinkhorn_divergence.hpp"

#include <algorithm>

#include "core/at_least_zero.hpp"
#include "entropic/cloud_ascent.hpp"
#include "metrics/same_dimension.hpp"

namespace otbridge {

EntropicCost entropic_cost(const WeightedPoints& mu, const WeightedPoints& nu, double epsilon,
                           double tolerance) {
  check_same_dimension(mu, nu);
  const AscentAnswer answer =
      ascend_clouds(mu, nu, ReferenceProcess(epsilon), {.tolerance = tolerance});
  const Certificate& certificate = answer.certificate;
  return {certificate.dual_value, certificate.dual_value + certificate.gap,
          answer.outcome == AscentOutcome::converged};
}

SinkhornDivergence sinkhorn_divergence(const EntropicCost& both, const EntropicCost& first,
                                       const EntropicCost& second) {
  // Of the duals, whose errors are of second order in those of the marginals.
  const double value = both.lower - 0.5 * (first.lower + second.lower);
  const double above = both.upper - both.lower;
  const double below = 0.5 * (first.upper - first.lower + second.upper - second.lower);
  return {at_least_zero(value), std::max(above, below),
          both.converged && first.converged && second.converged};
}

SinkhornDivergence sinkhorn_divergence(const WeightedPoints& mu, const WeightedPoints& nu,
                                       double epsilon, double tolerance) {
  return sinkhorn_divergence(entropic_cost(mu, nu, epsilon, tolerance),
                             entropic_cost(mu, mu, epsilon, tolerance),
                             entropic_cost(nu, nu, epsilon, tolerance));
}

}  // namespace otbridge
