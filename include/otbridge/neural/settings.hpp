// Settings shared by the solvers that learn a drift: its network, and how it is trained.
//
// Plain structs, members of a solver's own settings. By name (JSON, --set) they lie flat beside the
// solver's own; where a name differs from the member it is said.
#pragma once

#include <string>
#include <vector>

#include "otbridge/core/index.hpp"

namespace otbridge {

struct NetworkSettings {
  std::vector<Index> hidden = {64, 64};  // widths of the hidden layers, SiLU units
  Index time_features = 16;              // size of the sinusoidal time embedding
  // Of the products from hidden layer to hidden layer, in training and in what the network is asked
  // later: "single", or "mixed", factors rounded to bfloat16 where the processor has such products,
  // else single too. All else is single in both, and so are tables of a drift that chains in the
  // plane go by.
  std::string precision = "single";
};

// One training: from its start, or from the weights it finds, to the end of its steps.
struct TrainingSettings {
  Index steps = 2500;  // "training_steps": optimiser steps
  Index batch = 512;   // (time, state) rows per step; they come as antithetic pairs
  // Most paths held at once, or those of one step if these are more; refreshed when all are used.
  Index trajectories = 4096;
  Index thinning = 5;              // each path is used at every 5th of its steps
  std::string optimizer = "soap";  // or "adam"
  double learning_rate = 2e-3;     // of the optimiser at the start; falls along half a cosine
  double ema = 0.995;              // decay of the moving average of the weights, which is kept
  double clip = 1.0;               // bound on the global gradient norm; 0 switches it off
};

}  // namespace otbridge
