// CloudSide: one side of a coupling of two finite clouds, and its reading from a plan's state.
#pragma once

#include "otbridge/plan/plan_state.hpp"

namespace otbridge {

struct CloudSide {
  Points points;              // n x d
  Vector weights, potential;  // n; the potential in cost units
};

// The arrays of the given names. Throws InvalidInput if they do not fit each other and d, or if the
// weights are not those of a law: >= 0, not all of them 0.
CloudSide read_cloud_side(const PlanState& state, Index d, const std::string& points,
                          const std::string& weights, const std::string& potential);

}  // namespace otbridge
