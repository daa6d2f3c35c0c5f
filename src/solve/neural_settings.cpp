#include "solve/neural_settings.hpp"

namespace otbridge {

std::vector<SettingField> describe(NetworkSettings& s) {
  return {
      {"hidden", "widths of the hidden layers", &s.hidden, {.low = 1, .high = 4096}},
      {"time_features", "size of the time embedding", &s.time_features, {.low = 2, .high = 1024}},
      {"precision",
       "of products of hidden layers; mixed rounds factors to bfloat16",
       &s.precision,
       {},
       {"single", "mixed"}},
  };
}

std::vector<SettingField> describe(TrainingSettings& s) {
  return {
      // "steps" alone is taken: a solver's own steps are those of its chain.
      {"training_steps", "optimiser steps per half step", &s.steps, {.low = 1, .high = 1e9}},
      {"batch", "rows per optimiser step, as antithetic pairs", &s.batch, {.low = 2, .high = 1e6}},
      {"trajectories",
       "most paths held in the cache, if a step needs no more",
       &s.trajectories,
       {.low = 1, .high = 1e7}},
      {"thinning",
       "each path is used at every so many of its steps",
       &s.thinning,
       {.low = 1, .high = 10000}},
      {"optimizer",
       "soap is Adam in the eigenbases of the gradients",
       &s.optimizer,
       {},
       {"soap", "adam"}},
      {"learning_rate",
       "the optimiser's rate at the start of a half step",
       &s.learning_rate,
       {.low = 0.0, .low_open = true}},
      {"ema",
       "decay of the moving average of the weights",
       &s.ema,
       {.low = 0.0, .high = 1.0, .high_open = true}},
      {"clip", "bound on the gradient norm; 0 is none", &s.clip, {.low = 0.0}},
  };
}

}  // namespace otbridge
