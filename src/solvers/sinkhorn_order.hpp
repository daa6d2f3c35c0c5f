// Spatial order: points renumbered so that neighbours in the cloud are neighbours in memory.
//
// Recursive halving of the widest axis, the left part always a power of two: every aligned run of
// 2^k points is then one box of the tree, so that tiles are compact and coarser clouds are means of
// runs. O(n log^2 n).
#pragma once

#include <vector>

#include "solvers/sinkhorn_operator.hpp"

namespace otbridge {

std::vector<Index> spatial_order(ConstPoints points);

// The clouds with every run of `group` points replaced by its weighted mean, or, in more dimensions
// than kLargestSpatialDimension, by one of its points.
DiscreteProblem coarsened(const DiscreteProblem& problem, Index group);

// Mean squared distance of the points to the mean of their run, the larger of the two clouds'.
double group_variance(const DiscreteProblem& problem, Index group);

}  // namespace otbridge
