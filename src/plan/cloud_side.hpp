// CloudSide: one side of a coupling of two finite clouds, and its reading from a plan's state.
#pragma once

#include "otbridge/measure/measure.hpp"
#include "otbridge/plan/plan_state.hpp"

namespace otbridge {

struct CloudSide {
  Points points;              // n x d
  Vector weights, potential;  // n; the potential in cost units
};

// The arrays of the given names. Throws InvalidInput if they do not fit each other and the law, or
// if the weights are not those of a law: >= 0, of sum 1. Of a law that is a cloud itself they must
// be its own points and weights; of another they are a sample, which may be any.
CloudSide read_cloud_side(const PlanState& state, const Law& law, const std::string& points,
                          const std::string& weights, const std::string& potential);

}  // namespace otbridge
