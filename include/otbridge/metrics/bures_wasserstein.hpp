// The Bures-Wasserstein distance of means and covariances, and the unexplained variance percentage
// made of it.
//
// Sources: Gelbrich 1990; the score: Gushchin, Kolesov, Mokrov et al. 2023 (BW2-UVP), whose halves
// are kept: BW2 is W2^2 / 2 of two Gaussian laws, in the units of the cost.
#pragma once

#include <optional>

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

struct Moments {
  Vector mean;        // d
  Matrix covariance;  // d x d
};

// Of a sample, as an estimate of its law's: the covariance is divided by 1 - sum w_i^2, which is
// (n - 1) / n for equal weights. One point of all weight has covariance 0. O(n d^2).
Moments sample_moments(const WeightedPoints& sample);

// |m0 - m1|^2 / 2 + (tr S0 + tr S1 - 2 tr (S0^1/2 S1 S0^1/2)^1/2) / 2, covariances of any rank.
// Throws InvalidInput if the dimensions differ. O(d^3).
double bures_wasserstein2(const Moments& a, const Moments& b);

// 100 BW2(moments, target) / (tr S_target / 2): 0 for equal moments, 100 for a point at the
// target's mean. Empty if the target has no variance.
std::optional<double> bw2_uvp(const Moments& moments, const Moments& target);

}  // namespace otbridge
