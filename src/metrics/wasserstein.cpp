#include "otbridge/metrics/wasserstein.hpp"

#include <cmath>
#include <string>

#include "core/at_least_zero.hpp"
#include "otbridge/core/error.hpp"
#include "simplex/cloud_transport.hpp"

namespace otbridge {

namespace {

void check_dimensions(const WeightedPoints& mu, const WeightedPoints& nu) {
  if (mu.dimension() == nu.dimension()) return;
  throw InvalidInput("exact_transport", "the clouds have dimensions " +
                                            std::to_string(mu.dimension()) + " and " +
                                            std::to_string(nu.dimension()));
}

}  // namespace

ExactTransport exact_transport(const WeightedPoints& mu, const WeightedPoints& nu) {
  check_dimensions(mu, nu);
  return transport_clouds(mu, nu);  // less what only a report wants
}

double wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu) {
  // The cost of clouds that coincide may round to below 0.
  return std::sqrt(2.0 * at_least_zero(exact_transport(mu, nu).cost));
}

double wasserstein1(const WeightedPoints& mu, const WeightedPoints& nu) {
  check_dimensions(mu, nu);
  return transport_clouds(mu, nu, 1.0, {}, Ground::distance).cost;
}

}  // namespace otbridge
