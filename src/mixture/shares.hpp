// The shares that a shape has of two clouds: their moments, and the Gaussian bridge between them.
#pragma once

#include <vector>

#include "measure/mixture_potential.hpp"

namespace otbridge {

// Mean and covariance of a cloud under one of K shares.
struct ShareMoments {
  double mass = 0.0;
  Vector mean;
  Matrix covariance;  // d x d, or d x 1: its diagonal
};

// shares: n x K, >= 0. O(K n d^2) at most, O(K n d) for diagonals (full false): rows of which a
// share has nothing cost nothing. Does not depend on the number of threads.
std::vector<ShareMoments> moments_of_shares(const Points& x, const Vector& weights,
                                            const Matrix& shares, bool full);

// Throws MemoryLimit where even one shape's d x d matrices are more than the machine holds.
void check_covariances(Index d);

// The mass that each pair of shares has in common, K x K: sum_i w_i p_k(x_i) p_l(x_i). O(n K^2).
// Does not depend on the number of threads.
Matrix shared_masses(const Matrix& shares, const Vector& weights);

// Those of the union, in which b has this part of the mass of a cloud and a the rest.
ShareMoments mixed(const ShareMoments& a, const ShareMoments& b, double part);

// The mean variance of a coordinate within shares, by their masses; 0 if there is no mass.
double mean_variance(const std::vector<ShareMoments>& shares);

// Covariances of few points are drawn towards a multiple of the identity, as if this mass beside
// that of each share had these variances on the two sides (regularised discriminant analysis:
// Friedman 1989; as a prior: Fraley, Raftery 2007).
struct SharePrior {
  double mass = 0.0;
  double near = 0.0, far = 0.0;  // variances, in units of s^2
};

// The potential of the Gaussian Schroedinger bridge between the near and the far share, whose
// log_weight is left at 0; narrowest: the least variance of the far one. O(d^3).
PotentialShape gaussian_share(const ShareMoments& near, const ShareMoments& far,
                              const SharePrior& prior, double narrowest);

// What the prior adds to the loss for a shape, up to a constant: convex in 1/P, least where P is
// the bridge between the two variances. O(d^3).
double prior_loss(const PotentialShape& shape, const SharePrior& prior);

}  // namespace otbridge
