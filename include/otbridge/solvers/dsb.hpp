// DSB: the Diffusion Schroedinger Bridge, iterative proportional fitting with neural drifts.
//
// De Bortoli, Thornton, Heng, Doucet 2021. Each IPF half step fits one network to the time reversal
// of the chain simulated with the other (mean-matching losses, their Proposition 3). iterations = 1
// is score-based generative modelling.
#pragma once

#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct DsbSettings {
  Index iterations = 10;             // IPF iterations, each one backward and one forward fit
  Index steps = 20;                  // N, steps of the discretised chain
  std::string schedule = "uniform";  // step lengths: uniform, or triangular (short at both ends)
  Index training_steps = 1000;       // optimiser steps per half step
  Index batch = 512;                 // (time, state) pairs per optimiser step
  Index trajectories = 2048;         // paths in the cache
  double learning_rate = 1e-3;       // Adam
  double ema = 0.99;                 // exponential moving average of the weights used for sampling
  double clip = 1.0;                 // bound on the global gradient norm; 0 switches it off
  std::vector<Index> hidden = {128, 128};  // widths of the hidden layers
  Index time_features = 32;                // size of the sinusoidal time embedding
};
std::vector<SettingField> describe(DsbSettings& settings);

Solution solve_dsb(const TransportProblem& problem, const DsbSettings& settings = {},
                   const SolveContext& context = {});

std::unique_ptr<const TransportPlan> restore_dsb(const TransportProblem& problem,
                                                 const PlanState& state);

}  // namespace otbridge
