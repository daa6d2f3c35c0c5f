// Clusters of a weighted cloud: k-means with the seeding of Arthur and Vassilvitskii 2007, each
// seed the best of eight candidates.
#pragma once

#include <functional>
#include <vector>

#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {

// The number of the cluster of each point, below `count`; some may be empty where points coincide.
// A dozen rounds of Lloyd's algorithm: O(n count d) each. stopped, unless empty: true ends it
// early, with clusters of the centres that there are.
std::vector<Index> clusters(const Points& x, const Vector& weights, Index count,
                            const RandomStream& stream, const std::function<bool()>& stopped = {});

}  // namespace otbridge
