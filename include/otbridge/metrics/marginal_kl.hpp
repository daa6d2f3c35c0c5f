// KL of the laws at a grid of times against those of a Gaussian bridge, each law by the Gaussian of
// its moments: the score of the Gaussian experiment (De Bortoli et al. 2021; Shi et al. 2023; Tong
// et al. 2024). Papers differ by whether coordinates are taken one by one: both forms are here.
#pragma once

#include <span>
#include <vector>

#include "otbridge/metrics/bures_wasserstein.hpp"
#include "otbridge/plan/transport_plan.hpp"

namespace otbridge {

struct GaussianKl {
  double full;      // KL(N(m, S) | N(m*, S*)), nats
  double diagonal;  // the same of the diagonals of S and S*, that is a sum over coordinates
};
// exact: covariance of full rank, else infinite. O(d^3). Throws InvalidInput if dimensions differ.
GaussianKl gaussian_kl(const Moments& found, const Moments& exact);

// What a perfect sampler scores on average with n draws, to first order in 1 / n: (d + d (d + 1) /
// 2) / (2 n) and d / n.
GaussianKl gaussian_kl_floor(Index draws, Index dimension);

// The moments of X_t at each time along the plan's bridge; the plan is exact and its laws are
// Gaussian, so that its map is affine. Throws InvalidInput for other laws.
std::vector<Moments> gaussian_marginals(const TransportPlan& truth, std::span<const double> times);

// The mean over the times of the KL of the plan's laws, from its forward paths, one from each point
// of start. exact: one entry per time. O(times n d^2), and the paths.
GaussianKl mean_marginal_kl(const TransportPlan& plan, const std::vector<Moments>& exact,
                            std::span<const double> times, const WeightedPoints& start,
                            const RandomStream& stream);

}  // namespace otbridge
