// What every comparison of two clouds asks of them.
#pragma once

#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

inline void check_same_dimension(const WeightedPoints& mu, const WeightedPoints& nu) {
  if (mu.dimension() == nu.dimension()) return;
  throw InvalidInput("clouds", "have dimensions " + std::to_string(mu.dimension()) + " and " +
                                   std::to_string(nu.dimension()) + "; they must be equal");
}

}  // namespace otbridge
