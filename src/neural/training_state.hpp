// TrainingState: all that one training carries from one optimiser step to the next.
//
// Random draws are functions of the step and its pass, and so is the cache of a pass: nothing else
// needs to be known to go on.
#pragma once

#include <optional>

#include "neural/soap.hpp"
#include "otbridge/neural/settings.hpp"

namespace otbridge {

struct TrainingState {
  // Before the first step; of a network that the settings are for.
  TrainingState(const Mlp<float>& network, const Flat<float>& start,
                const TrainingSettings& settings)
      : weights(start),
        optimizer(settings.optimizer == "soap"
                      ? Soap<float>(start.size(), network.matrices())
                      : Soap<float>(start.size(), network.blocks(), false)),
        average(start, settings.ema) {}

  Flat<float> weights;               // of the last step
  Soap<float> optimizer;             // its moments and bases
  WeightAverage<float> average;      // what the training hands out in the end
  Index step = 0;                    // optimiser steps done
  std::optional<double> first_loss;  // the measure of a runaway
  double pass_loss = 0.0;            // sum over the steps of the running pass
};

}  // namespace otbridge
