#include "otbridge/metrics/wasserstein.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "simplex/cloud_transport.hpp"

namespace otbridge {

ExactTransport exact_transport(const WeightedPoints& mu, const WeightedPoints& nu) {
  if (mu.dimension() != nu.dimension()) {
    throw InvalidInput("exact_transport", "the clouds have dimensions " +
                                              std::to_string(mu.dimension()) + " and " +
                                              std::to_string(nu.dimension()));
  }
  CloudTransport found = transport_clouds(mu, nu);
  ExactTransport result;
  result.flows.reserve(found.flows.size());
  for (const auto& flow : found.flows) {
    result.flows.push_back({flow.source, flow.target, flow.mass});
  }
  result.cost = found.cost;
  result.dual_value = found.dual_value;
  result.f = std::move(found.f);
  result.g = std::move(found.g);
  result.worst_violation = found.worst_violation;
  result.pivots = found.pivots;
  return result;
}

double wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu) {
  return std::sqrt(2.0 * std::max(0.0, exact_transport(mu, nu).cost));
}

}  // namespace otbridge
