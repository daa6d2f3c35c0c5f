// Window: the part of the plane that a panel shows, and how large it is on the page.
#pragma once

#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

// Smaller sizes are none: their powers of ten have no reciprocal.
constexpr double kNoSize = 1e-280;

struct Window {
  double low_x, high_x, low_y, high_y;
  double aspect;              // height over width on the page
  bool to_one_scale = false;  // whether both axes have the same units per pixel
};

// Around the first two coordinates of all finite rows, with a margin of 4%: both axes to one scale,
// unless one coordinate spreads more than 20 times wider than the other.
Window spatial_window(const std::vector<Points>& planes);
// The finite values of the first columns, with a margin of 8%; never empty.
struct Range {
  double low, high;
};
Range range_of(const std::vector<const Points*>& clouds);

}  // namespace otbridge
