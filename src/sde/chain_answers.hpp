// What a plan is asked, answered by chains: the states at given times, and the mean of the far end.
#pragma once

#include <functional>
#include <span>

#include "sde/chain.hpp"

namespace otbridge {

// The states of one chain at the ascending times, each a node of the grid, to the bit. simulate:
// runs the chain from start over the grid and shows its steps.
Paths chain_paths(const StepGrid& grid, std::span<const double> times, ConstPoints start,
                  Direction direction, const std::function<void(const ChainVisitor&)>& simulate);

// The mean of the far end given each row of start, over `chains` chains in antithetic pairs whose
// noise is a function of the row's coordinates alone, so that the same point has the same mean in
// every batch. simulate: the far ends under the given noise, of variance rate epsilon.
Points chain_mean(ConstPoints start, Index chains, double epsilon,
                  const std::function<Points(const ChainNoise&)>& simulate);

}  // namespace otbridge
