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

// E|x - y|^2 / 2 between matching rows.
double transport_cost(ConstPoints x, ConstPoints y);

// E int_0^1 |b(t, X_t)|^2 dt along the forward bridge started at the rows of x, by the midpoint
// rule on `steps` intervals; empty if the plan has no drift. One path per row.
std::optional<double> path_energy(const TransportPlan& plan, ConstPoints x, Index steps,
                                  const RandomStream& stream);

// The pushforward of the start law compared with fresh samples of the other law.
struct PushforwardScore {
  Index samples;     // points on each side of every number below
  Index w2_samples;  // points on each side of w2 (the exact solver is superlinear)
  double w2, sliced_w2, energy_distance, transport_cost;
  std::optional<double> path_energy;
};
// moved: plan.sample of `start`, row by row. fresh: draws of the law they should have.
PushforwardScore score_pushforward(const TransportPlan& plan, ConstPoints start, ConstPoints moved,
                                   const WeightedPoints& fresh, Direction direction,
                                   Index w2_samples, const RandomStream& stream);

}  // namespace otbridge
