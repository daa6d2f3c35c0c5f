// Flow: one entry of a sparse coupling, and the optimal transport of two clouds that is made of
// such.
#pragma once

#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

struct Flow {
  Index source, target;  // rows of the two clouds
  double mass;           // > 0; of a whole coupling they sum to 1

  bool operator==(const Flow&) const = default;
};

// An optimal coupling of n and m weighted points with the dual that proves it; cost |y - a x|^2
// / 2.
struct ExactTransport {
  std::vector<Flow> flows;       // by source, then by target; at most n + m - 1
  double cost = 0.0;             // sum of mass |y - a x|^2 / 2
  double dual_value = 0.0;       // <f, mu> + <g, nu> - worst_violation, a lower bound on every cost
  Vector f, g;                   // n and m, cost units; at points of weight 0 the hard c-transform
  double worst_violation = 0.0;  // largest f_i + g_j - c_ij, or 0; a rounding at the optimum
  Index pivots = 0;
};

}  // namespace otbridge
