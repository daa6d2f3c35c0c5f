// Measurements of a plan: how well it hits its marginals, what it costs, and the energy of its
// process.
#pragma once

#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/plan/transport_plan.hpp"

namespace otbridge {

struct MarginalErrors {
  double source, target;  // L1
};
// Of a plan's finite coupling. O(n m d) time, O(n + m) memory.
MarginalErrors marginal_errors(const Coupling& coupling);

// E|x - y|^2 / 2 between matching rows, by the weights of x.
double transport_cost(const WeightedPoints& x, ConstPoints y);

// E int_0^1 |b(t, X_t)|^2 dt along the forward bridge started at the points of x, by the midpoint
// rule on `steps` intervals; empty if the plan has no drift. One path per point.
std::optional<double> path_energy(const TransportPlan& plan, const WeightedPoints& x, Index steps,
                                  const RandomStream& stream);

// The pushforward of the start law compared with the other law.
struct PushforwardScore {
  Index samples;     // points moved
  Index w2_samples;  // points on each side of w2, at most (the exact solver is superlinear)
  double w2, sliced_w2, energy_distance, transport_cost;
  std::optional<double> path_energy;
};
// moved: plan.sample of `start`, row by row. target: the law they should have, or draws of it.
// A plan that is a coupling of these two clouds (forward) is scored without drawing: by its own
// second marginal and cost, so that nothing is left where it hits its target.
// O((n + m)^2 d) time, and that of w2.
PushforwardScore score_pushforward(const TransportPlan& plan, const WeightedPoints& start,
                                   ConstPoints moved, const WeightedPoints& target,
                                   Direction direction, Index w2_samples,
                                   const RandomStream& stream);

}  // namespace otbridge
