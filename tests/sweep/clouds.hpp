// Clouds in clusters, in spatial order, and what every pair of two clouds gives.
#pragma once

#include "core/spatial_order.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {

// Points in clusters, so that tiles are far apart in units of the temperature.
inline Points clustered(Index n, Index d, std::uint64_t seed, double spread) {
  Points x = normal_points(n, d, RandomStream(seed));
  const Points centres = spread * normal_points(7, d, RandomStream(seed + 1));
  for (Index i = 0; i < n; ++i) x.row(i) += centres.row(i % 7);
  return x;
}

inline Points ordered(const Points& x) { return x(spatial_order(x), Eigen::all); }

}  // namespace otbridge
