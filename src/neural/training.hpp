// One half step of DSB: fit the network of one direction to the time reversal of the other's chain.
#pragma once

#include <functional>

#include "neural/drift_network.hpp"
#include "otbridge/solve/report.hpp"
#include "otbridge/solvers/dsb.hpp"

namespace otbridge {

struct HalfStep {
  double loss = 0.0;                // mean over the last pass, in the network's units
  std::optional<StopReason> ended;  // diverged, or what the watch said
};

// Asked between optimiser steps, with the fraction of the half step done; an answer ends it there.
using TrainingWatch = std::function<std::optional<StopReason>(double fraction)>;

// The chain starts at fresh draws of `start` and runs in the direction opposite to the fitted one.
// Starts from the weights of `fitted` where it has any (warm start), and leaves the averaged
// weights there, unless the training diverged: then `fitted` is as before.
HalfStep fit_reversal(const DriftDesign& frame, const DsbSettings& settings, const Measure& start,
                      const DriftNetwork& chain, DriftNetwork& fitted, Direction fitted_direction,
                      double learning_rate, const RandomStream& stream, const TrainingWatch& watch);

}  // namespace otbridge
