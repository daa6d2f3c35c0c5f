// The mixture bridge: a Schroedinger bridge whose potential is a mixture of Gaussian shapes, fitted
// to samples without simulation.
//
// Given x the other end is a mixture of K Gaussians in closed form, and so are map, drift, paths
// and draws at any point: no cloud is kept for them. Brownian or Ornstein-Uhlenbeck reference.
// Backward, and for the potential g, the source cloud stands for the source. Sources: Korotin,
// Gushchin, Burnaev 2024 (LightSB; the loss and the form of the plan); the fit is of its own:
// docs/solvers/mixture.md.
#pragma once

#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct MixtureSettings {
  Index components = 0;             // shapes; 0: as many as draws kept aside ask for
  std::string covariance = "full";  // of a shape: full, or diagonal
  double tolerance = 3e-4;          // fall of the loss per iteration, in nats, that is none
  Index iterations = 400;           // limit
  Index samples = 10000;            // draws that stand for a law that is not a cloud
  Index refinement = 128;           // times as many fresh ones; at most 1e8 numbers a side
};
std::vector<SettingField> describe(MixtureSettings& settings);

// converged: the loss falls no more. Whether so many shapes are enough is another question, which a
// note answers where they are not. O(K (n + m) d^2 + n K^2 + K^3) per iteration, O(K (n + m) d) in
// place of the first with diagonal covariances. Throws InvalidInput where squared distances over
// s^2 overflow.
Solution solve_mixture(const TransportProblem& problem, const MixtureSettings& settings = {},
                       const SolveContext& context = {});

// Bit-identical outputs to those of the plan whose state it is.
std::unique_ptr<const TransportPlan> restore_mixture(const TransportProblem& problem,
                                                     const PlanState& state);

}  // namespace otbridge
