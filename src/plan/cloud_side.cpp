#include "plan/cloud_side.hpp"

#include "otbridge/core/error.hpp"

namespace otbridge {

CloudSide read_cloud_side(const PlanState& state, Index d, const std::string& points,
                          const std::string& weights, const std::string& potential) {
  const Points& x = state.array(points, -1, d);
  Vector w = state.array(weights, x.rows(), 1).col(0);
  if (x.rows() == 0 || w.minCoeff() < 0.0 || !(w.maxCoeff() > 0.0)) {
    throw InvalidInput("plan of " + state.solver,
                       "entry \"" + weights + "\" must hold weights >= 0, not all of them 0");
  }
  return {x, std::move(w), state.array(potential, x.rows(), 1).col(0)};
}

}  // namespace otbridge
