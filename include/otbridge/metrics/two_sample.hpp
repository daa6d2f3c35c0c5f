// Distances between two samples that scale to large clouds. Both grow unbiased or say how they are
// not.
#pragma once

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

// Sliced W2: sqrt of the mean over directions of the exact squared W2 of the projections.
// O(directions (n + m) (d + log(n + m))).
double sliced_wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu, Index directions,
                           const RandomStream& stream);

// Energy distance 2 E|X-Y| - E|X-X'| - E|Y-Y'| (Szekely and Rizzo 2013), the V-statistic (>= 0),
// without a square root. O((n + m)^2 d), memory O(n + m).
double energy_distance(const WeightedPoints& mu, const WeightedPoints& nu);

}  // namespace otbridge
