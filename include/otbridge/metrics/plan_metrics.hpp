// Measurements of a plan: how well it hits its marginals, what it costs, and the energy of its
// process.
#pragma once

#include <functional>

#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/metrics/bures_wasserstein.hpp"
#include "otbridge/plan/transport_plan.hpp"

namespace otbridge {

struct MarginalErrors {
  double source, target;  // L1
};
// Of a plan's finite coupling. O(n m d) time, O(n + m) memory.
MarginalErrors marginal_errors(const Coupling& coupling);

// The root of the trace of the covariance: the typical distance from the mean. O(n d).
double spread(const WeightedPoints& cloud);

// E|x - y|^2 / 2 between matching rows, by the weights of x.
double transport_cost(const WeightedPoints& x, ConstPoints y);

// E int_0^1 |b(t, X_t)|^2 dt along the forward bridge started at the points of x, by the midpoint
// rule on `steps` intervals; empty if the plan has no drift. One path per point.
std::optional<double> path_energy(const TransportPlan& plan, const WeightedPoints& x, Index steps,
                                  const RandomStream& stream);

// Two clouds compared, each under its own weights.
struct CloudDistances {
  // Points on each side of w2 and w1, at most: the exact solver is superlinear.
  Index w2_samples = 0;
  double w2 = 0.0, w1 = 0.0, sliced_w2 = 0.0, energy_distance = 0.0;
  double mmd_squared = 0.0;  // the V-statistic; bandwidth: median_distance(target)
};

// Called with the name of each part of a longer measurement before it: "W2", "path energy".
using Begins = std::function<void(const char*)>;

// What a plan that hits its target would score: the distances of an independent exact draw of the
// target, under the weights of `start` and of as many points, from `target`, a draw too.
// O((n + m)^2 d) time, and those of w2 and w1.
CloudDistances sampling_floor(const Law& law, const WeightedPoints& start,
                              const WeightedPoints& target, Index w2_samples,
                              const RandomStream& stream, const Begins& begins = {});

// The pushforward of the start law compared with the other law.
struct PushforwardScore : CloudDistances {
  Index samples = 0;  // points moved
  double transport_cost = 0.0;
  std::optional<double> path_energy = {};
  std::optional<double> bw2_uvp = {};  // of the moments of what was moved; where those are given
};
// moved: plan.sample of `start`, row by row. target: the law they should have, or draws of it;
// target_moments: of that law, or null. A plan that is a coupling of these two clouds (forward) is
// scored without drawing: by its own second marginal and cost, so that nothing is left where it
// hits its target. O((n + m)^2 d) time, and those of w2 and w1; O(d^3) with moments.
PushforwardScore score_pushforward(const TransportPlan& plan, const WeightedPoints& start,
                                   ConstPoints moved, const WeightedPoints& target,
                                   Direction direction, Index w2_samples,
                                   const RandomStream& stream,
                                   const Moments* target_moments = nullptr,
                                   const Begins& begins = {});

}  // namespace otbridge
