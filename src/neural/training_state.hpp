// TrainingState: all that one training carries from one optimiser step to the next.
//
// Random draws are functions of the step and its pass, and so is the cache of a pass: nothing else
// needs to be known to go on.
#pragma once

#include <optional>

#include "neural/optimizer.hpp"

namespace otbridge {

struct TrainingState {
  TrainingState(const Flat<float>& start, double ema)
      : weights(start), adam(start.size()), average(start, ema) {}

  Flat<float> weights;               // of the last step
  Adam<float> adam;                  // its two moments
  WeightAverage<float> average;      // what the training hands out in the end
  Index step = 0;                    // optimiser steps done
  std::optional<double> first_loss;  // the measure of a runaway
  double pass_loss = 0.0;            // sum over the steps of the running pass
};

}  // namespace otbridge
