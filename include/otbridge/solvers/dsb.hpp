// DSB: the Diffusion Schroedinger Bridge, iterative proportional fitting with neural drifts.
//
// De Bortoli, Thornton, Heng, Doucet 2021. Each half step fits one network to the time reversal of
// the chain simulated with the other (mean-matching losses, their Proposition 3, regressed on the
// state as in Tang et al. 2024). iterations = 1 is score-based generative modelling: only the
// backward network is fitted, forward is the reference.
// Method, error statistics and advice: docs/solvers/dsb.md.
#pragma once

#include "otbridge/neural/settings.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct DsbSettings {
  Index iterations = 8;              // IPF iterations, each one backward and one forward fit
  Index steps = 40;                  // N, steps of the discretised chain
  std::string schedule = "uniform";  // step lengths: uniform, or triangular (short at both ends)
  TrainingSettings training;         // of each half step; its learning_rate that of the first fits
  NetworkSettings network;           // of either direction
  Index map_samples = 32;            // simulated paths per row behind a conditional mean
  double tolerance = 0.1;  // both marginal errors (relative sliced W2) at or below: converged
};
std::vector<SettingField> describe(DsbSettings& settings);

// Throws InvalidInput for a reference whose theta the steps cannot resolve (theta h >= 1).
Solution solve_dsb(const TransportProblem& problem, const DsbSettings& settings = {},
                   const SolveContext& context = {});

// Bit-identical outputs to those of the plan whose state it is.
std::unique_ptr<const TransportPlan> restore_dsb(const TransportProblem& problem,
                                                 const PlanState& state);

}  // namespace otbridge
