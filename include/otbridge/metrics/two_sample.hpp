// Distances between two samples that scale to large clouds. All say how they are biased.
#pragma once

#include <optional>

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

// Sliced W2: sqrt of the mean over directions of the exact squared W2 of the projections.
// O(directions (n + m) (d + log(n + m))).
double sliced_wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu, Index directions,
                           const RandomStream& stream);

// Energy distance 2 E|X-Y| - E|X-X'| - E|Y-Y'| (Szekely and Rizzo 2013), the V-statistic (>= 0),
// without a square root. O((n + m)^2 d), memory O(n + m).
double energy_distance(const WeightedPoints& mu, const WeightedPoints& nu);

// The median of |x - y| over pairs of different points with mass in either cloud that do not
// coincide: of all pairs of up to 1000 such points, evenly spaced by their row where there are
// more. 0 if all coincide, or of one point. As a bandwidth: the median heuristic (Gretton et al.
// 2012).
double median_distance(const WeightedPoints& mu, const WeightedPoints& nu);
double median_distance(const WeightedPoints& mu);  // of one cloud

enum class MmdEstimator {
  biased,    // the V-statistic, all pairs: never negative, above 0 by O(1/n) for equal laws
  unbiased,  // the U-statistic, without the pairs of a point with itself: may be negative
};

// Squared maximum mean discrepancy E k(X,X') + E k(Y,Y') - 2 E k(X,Y) of the Gaussian kernel
// k(x,y) = exp(-|x-y|^2 / (2 bandwidth^2)) (Gretton, Borgwardt, Rasch, Schoelkopf, Smola 2012,
// whose MMD_b^2 and MMD_u^2 these are for equal weights; for others the sum over i != j is divided
// by 1 - sum w_i^2). bandwidth: a length, > 0; median_distance(mu, nu) if empty, and then 0 is the
// answer where all points coincide. Throws InvalidInput for another bandwidth, clouds of different
// dimensions, and an unbiased estimate where one point has all the mass of its cloud.
// O((n + m)^2 d), memory O((n + m) d).
double mmd_squared(const WeightedPoints& mu, const WeightedPoints& nu,
                   MmdEstimator estimator = MmdEstimator::biased,
                   std::optional<double> bandwidth = {});

}  // namespace otbridge
