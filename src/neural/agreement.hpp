// Agreement: whether two learned drifts, forward and backward, are of one process, and whether that
// process is a bridge of the reference: what a Schroedinger bridge must be, measured without
// knowing it.
#pragma once

#include "neural/drift_network.hpp"
#include "otbridge/measure/measure.hpp"

namespace otbridge {

struct Agreement {
  // KL(forward | backward) + KL(backward | forward) of the two chains, in nats per path:
  //   E_forward R - E_backward R,  R = sum_k log N(x_{k+1}; F_k(x_k), eps h_k I)
  //                                        - log N(x_k; B_{k+1}(x_{k+1}), eps h_k I),
  // the forward chain from draws of the source, the backward one from draws of the target, both by
  // Euler's steps, whose densities these are, whatever the stepper of the design. Exact
  // where each chain ends in the law that the other starts from; else what the two ends differ by
  // is not in it. 0 for a bridge, up to the steps (order h) and to draws (its standard error).
  double path_divergence, standard_error;
  // E|X_t - E[X_t | X_0, X_1]|^2 over d times the variance of the reference's bridge, at the node
  // nearest to t = 1/2 of the forward chain: 1 for a mixture of the reference's bridges.
  double midpoint_variance;
};

// Of `chains` > 1 chains each way, both fitted or forward unfitted, as the reference. O(chains N
// network).
Agreement agreement(const DriftNetwork& forward, const DriftNetwork& backward,
                    const Measure& source, const Measure& target, Index chains,
                    const RandomStream& stream);

}  // namespace otbridge
