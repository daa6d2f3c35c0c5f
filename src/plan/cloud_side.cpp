#include "plan/cloud_side.hpp"

#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {
namespace {

// Relative; a law that is read anew may divide its weights by their sum once more.
constexpr double kRoundedWeight = 1e-12;

bool same_cloud(const Points& x, const Vector& w, const WeightedPoints& law) {
  return law.size() == x.rows() && law.points() == x &&
         ((w - law.weights()).array().abs() <= kRoundedWeight * law.weights().array()).all();
}

}  // namespace

CloudSide read_cloud_side(const PlanState& state, const Law& law, const std::string& points,
                          const std::string& weights, const std::string& potential) {
  const Points& x = state.array(points, -1, law.dimension());
  Vector w = state.array(weights, x.rows(), 1).col(0);
  // 1e-9: far above the rounding of a sum.
  if (x.rows() == 0 || w.minCoeff() < 0.0 || !(std::abs(w.sum() - 1.0) <= 1e-9)) {
    throw InvalidInput("plan of " + state.solver,
                       "entry \"" + weights + "\" must hold weights >= 0 of sum 1");
  }
  const auto* cloud = dynamic_cast<const WeightedPoints*>(&law);
  if (cloud != nullptr && !same_cloud(x, w, *cloud)) {
    throw InvalidInput("plan of " + state.solver,
                       "entries \"" + points + "\" and \"" + weights +
                           "\" are not the points and weights of the problem's cloud");
  }
  return {x, std::move(w), state.array(potential, x.rows(), 1).col(0)};
}

}  // namespace otbridge
