// Spatial order: points renumbered so that neighbours in the cloud are neighbours in memory.
//
// Recursive halving of the widest axis, the left part always a power of two, down to four points:
// every aligned run of 2^k >= 4 points is then one box of the tree, so that tiles are compact and
// coarser clouds are means of runs. O(n log^2 n).
#pragma once

#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

std::vector<Index> spatial_order(ConstPoints points);

// Every run of `group` points replaced by its weighted mean; weights positive.
void coarsen(const Points& points, const Vector& weights, Index group, Points& means,
             Vector& masses);

}  // namespace otbridge
