// Flows: integrates dX = u(t, X) dt and the divergence of u along the path, either way.
//
// The law of X moves with the points, d/dt log p_t(X_t) = -div u(t, X_t), so that the integral is
// what the log density loses on the way (Chen, Rubanova, Bettencourt, Duvenaud 2018). The classical
// Runge-Kutta method, of order 4 (Hairer, Norsett, Wanner 1993, section II.1), for both at once.
#pragma once

#include <functional>

#include "otbridge/core/points.hpp"
#include "sde/step_grid.hpp"

namespace otbridge {

// Per unit time of the direction, at the rows of x.
struct FlowSlope {
  Points velocity;    // n x d
  Vector divergence;  // n
};
using FlowField = std::function<FlowSlope(double t, ConstPoints x)>;

struct FlowEnd {
  Points point;       // n x d
  Vector divergence;  // n, its integral over the path
};

// From start at time 0 forward or 1 backward. O(4 N (n d + field)).
FlowEnd integrate_flow(const StepGrid& grid, const FlowField& field, ConstPoints start,
                       Direction direction);

}  // namespace otbridge
