// The Schroedinger bridge of two Gaussian laws in factored form, free of inverse covariances.
//
// With factors S0 = L0 L0^T, S1 = L1 L1^T of full column rank and the singular value decomposition
//   a L0^T L1 / s^2 = U diag(sigma) V^T,   rho = 2 sigma / (1 + sqrt(1 + 4 sigma^2)),
// the optimal coupling is X_0 = m0 + L0 U z, X_1 = m1 + L1 V w with (z, w) standard normal and
// Cov(z, w) = diag(rho). This is C = (S0^{1/2} D S0^{-1/2} - s^2 I) / (2 a) of Janati et al. 2020
// rewritten by (D - s^2)(D + s^2) = 4 a^2 S0^{1/2} S1 S0^{1/2}. With q = 1 - rho^2 = rho / sigma,
//   B1 = Cov(X_1 | X_0) = L1 V diag(q) V^T L1^T,   E[X_1 | X_0 = x] = m1 + (a / s^2) B1 (x - m0),
// and the mirror image for B0. The second formula holds for every x, on the support or off it: it
// is the conditional that the potential of the other side defines.
#pragma once

#include "otbridge/measure/gaussian.hpp"
#include "otbridge/solvers/gaussian.hpp"

namespace otbridge {

// The covariance of one end given the other, by its principal directions.
struct ConditionalSpread {
  Matrix basis;      // d x d, orthogonal
  Vector variances;  // d, in units of s^2; exactly 0 off the support of that end
};

struct GaussianBridge {
  GaussianCoupling coupling;
  ConditionalSpread source, target;  // of X_0 given X_1, of X_1 given X_0
  double value_linear;               // E |X_1 - a X_0|^2 / 2
  double kl;                         // KL(pi | mu x nu) = -1/2 sum log(1 - rho^2)
};

// Throws InvalidInput if the covariances are so large against s^2 that their ratio overflows, or if
// the mean cost does.
GaussianBridge gaussian_bridge(const Gaussian& source, const Gaussian& target,
                               const ReferenceProcess& reference);

// The laws that the bridge's own conditionals push each end to, against the laws asked for: a bound
// on the L1 distance of the two densities on the support, by Pinsker's inequality.
struct GaussianMarginalErrors {
  double source, target;
};
GaussianMarginalErrors marginal_errors(const GaussianBridge& bridge,
                                       const ReferenceProcess& reference);

}  // namespace otbridge
