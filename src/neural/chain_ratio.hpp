// Of chains of one drift the ratio of their own probability to that under the drift of the other
// direction.
#pragma once

#include "neural/drift_network.hpp"
#include "sde/chain.hpp"

namespace otbridge {

struct ChainRatio {
  Points end;  // the far ends
  // sum_k log N(arrival; own mean) - log N(departure; mean of the other direction's step back), of
  // each chain. Both have the variance eps h, so that their constants cancel.
  Vector log_ratio;
};

// The chain of a network from the rows of start, by Euler's steps between its design's times, whose
// densities are known. O(n N network).
ChainRatio chain_ratio(const DriftNetwork& chain, const DriftNetwork& reverse, ConstPoints start,
                       const ChainNoise& noise);

}  // namespace otbridge
