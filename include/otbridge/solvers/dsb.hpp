// DSB: the Diffusion Schroedinger Bridge, iterative proportional fitting with neural drifts.
//
// De Bortoli, Thornton, Heng, Doucet 2021. Each half step fits one network to the time reversal of
// the chain simulated with the other (mean-matching losses, their Proposition 3, regressed on the
// state as in Tang et al. 2024). iterations = 1 is score-based generative modelling: from
// the reference only the backward network is fitted, forward stays the reference.
// Method, error statistics and advice: docs/solvers/dsb.md.
#pragma once

#include "otbridge/neural/settings.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct DsbSettings {
  // The process of the first chain: "reference", as published; or a bridge, which is near the end
  // where the reference is far from it: "gaussian", of Gaussian laws of the two laws' means and
  // variances, coordinate by coordinate; "sinkhorn", of an entropic coupling of samples; "mixture",
  // the mixture bridge. "auto": the reference where it ends near the target, where IPF makes long
  // steps, and for one iteration; else mixture, or gaussian where a cloud has more than 100000
  // points, in more than 100 dimensions, or where epsilon is too small for shapes.
  std::string start = "auto";
  // Points of either law that start "sinkhorn" couples, or "mixture" is fitted to at once.
  Index samples = 4096;
  Index iterations = 6;                 // IPF iterations, each one backward and one forward fit
  Index patience = 5;                   // iterations in vain that end the run; 0: none do
  Index steps = 60;                     // N, steps of the discretised chain
  std::string schedule = "triangular";  // step lengths: uniform, or triangular (short at both ends)
  // Of each half step; its learning_rate that of the first fits.
  TrainingSettings training = {.steps = 3500, .learning_rate = 1e-2, .ema = 0.998};
  NetworkSettings network = {.hidden = {64, 64, 64, 64}};  // of either direction
  Index map_samples = 32;  // simulated paths per row behind a conditional mean
  double tolerance = 0.1;  // both marginal errors (relative sliced W2) at or below: converged
};
std::vector<SettingField> describe(DsbSettings& settings);

// Throws InvalidInput for a reference whose theta the steps cannot resolve (theta h >= 1), and for
// starts "sinkhorn" and "mixture" where squared distances over epsilon leave the doubles.
Solution solve_dsb(const TransportProblem& problem, const DsbSettings& settings = {},
                   const SolveContext& context = {});

// Bit-identical outputs to those of the plan whose state it is.
std::unique_ptr<const TransportPlan> restore_dsb(const TransportProblem& problem,
                                                 const PlanState& state);

}  // namespace otbridge
