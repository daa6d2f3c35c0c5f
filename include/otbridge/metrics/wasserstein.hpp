// Exact W2 between weighted clouds, by a network simplex with costs computed on the fly.
//
// Memory O((n + m) d); no cost matrix. The answer carries its own certificate: the dual it ends
// with. Method and sources: docs/solvers/exact.md.
#pragma once

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

struct ExactTransport {
  struct Flow {
    Index source, target;
    double mass;
  };
  std::vector<Flow> flows;       // at most n + m - 1 entries, mass > 0
  double cost = 0.0;             // sum of mass |x - y|^2 / 2
  double dual_value = 0.0;       // <f, a> + <g, b> - worst_violation, a lower bound on the cost
  Vector f, g;                   // n and m
  double worst_violation = 0.0;  // max over pairs of f_i + g_j - c_ij, cost units; 0 at optimality
  Index pivots = 0;
};

// min over couplings of E|x - y|^2 / 2. Throws InvalidInput if the dimensions differ.
ExactTransport exact_transport(const WeightedPoints& mu, const WeightedPoints& nu);

// W2 = sqrt(2 cost), so that W2^2 = min E|x - y|^2.
double wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu);

}  // namespace otbridge
