// A mixture of Gaussian densities as the shapes of a MixturePotential.
#pragma once

#include "measure/mixture_potential.hpp"
#include "otbridge/measure/mixture.hpp"

namespace otbridge {

struct MixtureShapes {
  Eigen::RowVectorXd center;  // the mean of the mixture
  std::vector<PotentialShape> shapes;
};

// phi(y) = sum_k w_k N(y; b_k, B_k): Lambda_k = B_k^-1, eta_k = B_k^-1 (b_k - c). variance: s^2 of
// the potential. Components of weight 0 are left out. O(K d^3), of diagonal B_k O(K d^2). Throws
// InvalidInput "/potential/components/2" where a component is no Gaussian of full rank.
MixtureShapes mixture_shapes(const Mixture& mixture, double variance);
// Whether the above takes it.
bool has_shapes(const Mixture& mixture);

}  // namespace otbridge
