// The Sinkhorn divergence of two weighted clouds, with a bound on its error.
//
//   S_eps(mu, nu) = OT_eps(mu, nu) - OT_eps(mu, mu) / 2 - OT_eps(nu, nu) / 2
//
// OT_eps(mu, nu) = min over couplings of E|x - y|^2 / 2 + eps KL(pi | mu x nu): cost units, 0 where
// the laws are equal. Sources: Genevay, Peyre, Cuturi 2018; Feydy, Sejourne, Vialard, Amari,
// Trouve, Peyre 2019 (theorem 1: >= 0, and 0 for equal laws alone).
#pragma once

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

// OT_eps of two clouds, between the value of a dual and that of a feasible plan. Cost units.
struct EntropicCost {
  double lower, upper;
  bool converged;  // marginal errors within the tolerance
};

// tolerance: of the L1 marginal errors, on which the distance of the bounds depends in second
// order. Throws InvalidInput if the dimensions differ, for epsilon that is not > 0, and where
// squared distances overflow. Time and memory as solve_sinkhorn.
EntropicCost entropic_cost(const WeightedPoints& mu, const WeightedPoints& nu, double epsilon,
                           double tolerance = 1e-6);

struct SinkhornDivergence {
  double value;  // >= 0, cost units
  double error;  // the divergence is within this of the value
  bool converged;
};

// Of the three costs that it is made of, for callers that keep those of one cloud with itself.
SinkhornDivergence sinkhorn_divergence(const EntropicCost& both, const EntropicCost& first,
                                       const EntropicCost& second);
// 0 to the last bit for clouds of the same bytes.
SinkhornDivergence sinkhorn_divergence(const WeightedPoints& mu, const WeightedPoints& nu,
                                       double epsilon, double tolerance = 1e-6);

}  // namespace otbridge
