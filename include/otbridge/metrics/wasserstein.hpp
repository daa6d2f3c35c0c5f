// Exact W2 and W1 between weighted clouds, by a network simplex with costs computed on the fly.
//
// Memory O((n + m) d); no cost matrix. The answer carries its own certificate: the dual it ends
// with. Method and sources: docs/solvers/exact.md.
#pragma once

#include "otbridge/core/flow.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

// min over couplings of E|x - y|^2 / 2, that is a = 1. Throws InvalidInput if the dimensions
// differ.
ExactTransport exact_transport(const WeightedPoints& mu, const WeightedPoints& nu);

// W2 = sqrt(2 cost), so that W2^2 = min E|x - y|^2.
double wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu);

struct Bracket {
  double lower, upper;
};
// Two bounds on W2, for clouds too large for the exact one: of an entropic plan at epsilon_relative
// times the mean cost, rounded to its marginals, and of the hard c-transforms of its potentials.
// Their distance falls with epsilon. Throws InvalidInput if the dimensions differ, and where
// squared distances overflow. Time and memory as solve_sinkhorn, and two sweeps over all pairs.
Bracket wasserstein2_bracket(const WeightedPoints& mu, const WeightedPoints& nu,
                             double epsilon_relative = 0.005);

// W1 = min over couplings of E|x - y|, Euclidean, exact by the same network simplex. Its sweeps
// over all pairs are plain loops: some times slower than W2. Throws InvalidInput if the dimensions
// differ.
double wasserstein1(const WeightedPoints& mu, const WeightedPoints& nu);

}  // namespace otbridge
