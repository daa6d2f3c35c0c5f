// What a plan is asked, answered by chains: the states at given times, and the mean of the far end.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "sde/chain.hpp"

namespace otbridge {

// The states of one chain at the ascending times, each a node of the grid, to the bit. simulate:
// runs the chain from start over the grid and shows its steps.
Paths chain_paths(const StepGrid& grid, std::span<const double> times, ConstPoints start,
                  Direction direction, const std::function<void(const ChainVisitor&)>& simulate);

// A number in [0, 2^63) drawn from the coordinates of each row, equal for equal points: as the row
// of random draws it makes them a function of the point.
std::vector<Index> rows_by_content(ConstPoints x);

// The mean over `chains` chains from each row of start of what they come to, the far ends or a
// column of numbers, in antithetic pairs whose noise is a function of the row's coordinates alone,
// so that the same point has the same mean in every batch. simulate: that under the given noise, of
// variance rate epsilon.
Points chain_mean(ConstPoints start, Index chains, double epsilon,
                  const std::function<Points(const ChainNoise&)>& simulate);

}  // namespace otbridge
