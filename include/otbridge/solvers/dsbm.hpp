// DSBM: Diffusion Schroedinger Bridge Matching, iterative Markovian fitting with neural drifts.
//
// Shi, De Bortoli, Campbell, Doucet 2023; Peluchetti 2023. From a coupling of the two laws, bridges
// of the reference are drawn between its ends and both drifts are regressed on them; the Markov
// process that they make has the same marginals and a coupling nearer to the Schroedinger bridge,
// from which the next iteration starts. Started from an entropic coupling of samples, one iteration
// is the bridge but for sampling and fit.
// Method, error statistics and advice: docs/solvers/dsbm.md.
#pragma once

#include "otbridge/neural/settings.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct DsbmSettings {
  // The coupling of the first iteration: "sinkhorn", entropic between samples of both laws;
  // "mixture", the mixture bridge; "polished", that of samples from potentials of a mixture bridge;
  // "independent"; "reference", with which the iterates are those of DSB. "auto": sinkhorn where a
  // law is a cloud; else mixture in more than 3 dimensions, since samples say ever less of a
  // coupling there; in fewer polished, down to a relative epsilon of 0.005, and sinkhorn below.
  std::string start = "auto";
  Index iterations = 1;  // IMF iterations, each one backward and one forward fit
  // Points of either law that "sinkhorn" and "polished" couple; 0: 32768 in up to 3 dimensions,
  // where that is cheap, 8192 in more. Of "mixture", to which it is fitted at once; 0: 10000.
  Index samples = 0;
  Index candidates = 256;               // pairs among which an end is averaged; 1: not averaged
  Index patience = 5;                   // iterations in vain that end the run; 0: none do
  Index steps = 60;                     // N, steps of the discretised chain
  std::string schedule = "triangular";  // step lengths: uniform, or triangular (short at both ends)
  // Of each fit. Pairs are dear, bridges between them cheap: each pair is used at every time.
  TrainingSettings training = {
      .steps = 8000, .trajectories = 8192, .thinning = 1, .learning_rate = 1e-2};
  NetworkSettings network = {.hidden = {64, 64, 64, 64, 64, 64}};  // of either direction
  Index map_samples = 32;  // simulated paths per row behind a conditional mean
  double tolerance = 0.1;  // both marginal errors (relative sliced W2) at or below: converged
};
std::vector<SettingField> describe(DsbmSettings& settings);

// Throws InvalidInput for a reference whose theta the steps cannot resolve (theta h >= 1), and for
// starts that couple samples where squared distances over epsilon leave the doubles.
Solution solve_dsbm(const TransportProblem& problem, const DsbmSettings& settings = {},
                    const SolveContext& context = {});

// Bit-identical outputs to those of the plan whose state it is.
std::unique_ptr<const TransportPlan> restore_dsbm(const TransportProblem& problem,
                                                  const PlanState& state);

}  // namespace otbridge
