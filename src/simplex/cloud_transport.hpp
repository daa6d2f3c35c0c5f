// The optimal transport of one weighted cloud to another, with cost |y - a x|^2 / 2 or |y - a x|.
#pragma once

#include "otbridge/core/flow.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "simplex/network_simplex.hpp"

namespace otbridge {

// The answer with what a report wants to know beside it.
struct CloudTransport : ExactTransport {
  double marginal_error_source = 0.0, marginal_error_target = 0.0;  // L1, roundings
  SimplexOutcome outcome = SimplexOutcome::optimal;
  bool bounded = true;  // false after a stop in haste: f, g and dual_value are none
};

// decay: a. Throws InvalidInput if squared distances overflow.
CloudTransport transport_clouds(const WeightedPoints& source, const WeightedPoints& target,
                                double decay = 1.0, const SimplexControl& control = {},
                                Ground ground = Ground::half_squared);

}  // namespace otbridge
