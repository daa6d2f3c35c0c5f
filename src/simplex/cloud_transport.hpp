// The optimal transport of one weighted cloud to another, with cost |y - a x|^2 / 2.
#pragma once

#include "otbridge/measure/weighted_points.hpp"
#include "simplex/network_simplex.hpp"

namespace otbridge {

struct CloudFlow {
  Index source, target;
  double mass;  // > 0
};

struct CloudTransport {
  std::vector<CloudFlow> flows;  // by source, then by target; at most n + m - 1
  double cost = 0.0;             // sum of mass |y - a x|^2 / 2
  double dual_value = 0.0;       // <f, mu> + <g, nu> - worst_violation, a lower bound on every cost
  Vector f, g;                   // n and m; at points of weight 0 the hard c-transform
  double worst_violation = 0.0;  // largest f_i + g_j - c_ij, or 0; a rounding at the optimum
  double marginal_error_source = 0.0, marginal_error_target = 0.0;  // L1, roundings
  Index pivots = 0;
  SimplexOutcome outcome = SimplexOutcome::optimal;
};

// decay: a. Throws InvalidInput if squared distances overflow.
CloudTransport transport_clouds(const WeightedPoints& source, const WeightedPoints& target,
                                double decay = 1.0, const SimplexControl& control = {});

}  // namespace otbridge
