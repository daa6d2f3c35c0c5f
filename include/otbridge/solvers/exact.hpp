// Exact: optimal transport of two finite clouds without regularisation, with a certificate.
//
// The limit epsilon -> 0 of the Schroedinger bridge: cost |y - a x|^2 / 2 with the decay a of the
// reference, coupling and paths without noise. Memory O((n + m) d); laws that are not clouds are
// discretised first. Method, conventions at new points, measured times: docs/solvers/exact.md.
#pragma once

#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct ExactSettings {
  Index pivots = 1000000000;  // limit on pivots of the network simplex, all levels
  Index samples = 2000;       // draws that stand for a law that is not a cloud
};
std::vector<SettingField> describe(ExactSettings& settings);

// value = value_linear is the cost of the plan, whose marginals are exact to rounding whatever the
// stop reason; dual_value that of feasible potentials, so that duality_gap bounds the distance from
// the optimum. iterations counts pivots. Throws InvalidInput for settings out of range, and where
// squared distances overflow.
Solution solve_exact(const TransportProblem& problem, const ExactSettings& settings = {},
                     const SolveContext& context = {});

// Bit-identical outputs to those of the plan whose state it is.
std::unique_ptr<const TransportPlan> restore_exact(const TransportProblem& problem,
                                                   const PlanState& state);

}  // namespace otbridge
