// What a run recorded, as lines against iterations.
#pragma once

#include <optional>
#include <vector>

#include "otbridge/solve/context.hpp"
#include "plot/tracks.hpp"

namespace otbridge {

// Errors with their floors and the gap on one axis, with the tolerance, loss and path divergence on
// axes of their own, the path KL beside the latter;
// those that have no records are left out. Records of one iteration stand half a step apart.
std::vector<Track> convergence_tracks(const std::vector<Progress>& trace,
                                      std::optional<double> tolerance);

}  // namespace otbridge
