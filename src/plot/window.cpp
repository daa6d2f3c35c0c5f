#include "plot/window.hpp"

#include <algorithm>
#include <cmath>

namespace otbridge {
namespace {

// Of the width or height, on each side: dots at the edge stay whole.
constexpr double kMargin = 0.04;
// Of a range of numbers: their density falls off within it.
constexpr double kRangeMargin = 0.08;
// Height over width of a panel to one scale, and of one that is not.
constexpr double kLongestAspect = 1.4, kFlattestAspect = 0.35, kFreeAspect = 0.75;
// Wider than so many times the other, a coordinate would press it into a line.
constexpr double kMostElongated = 20.0;

struct Interval {
  double low = 1e300, high = -1e300;

  void take(double value) { low = std::min(low, value), high = std::max(high, value); }
  double width() const { return high - low; }
  double size() const { return std::max(std::abs(low), std::abs(high)); }
  void widen_to(double wanted) {
    const double room = 0.5 * (wanted - width());
    low -= room, high += room;
  }
};

struct Extent {
  Interval x, y;
};

Extent extent_of(const std::vector<Points>& planes) {
  Extent extent;
  for (const Points& plane : planes) {
    for (Index i = 0; i < plane.rows(); ++i) {
      if (!plane.row(i).allFinite()) continue;
      extent.x.take(plane(i, 0)), extent.y.take(plane(i, 1));
    }
  }
  return extent;
}

Window with_margin(Extent extent, double aspect, bool to_one_scale) {
  for (Interval* side : {&extent.x, &extent.y}) side->widen_to(side->width() * (1 + 2 * kMargin));
  return {extent.x.low, extent.x.high, extent.y.low, extent.y.high, aspect, to_one_scale};
}

}  // namespace

Window spatial_window(const std::vector<Points>& planes) {
  Extent extent = extent_of(planes);
  if (extent.x.low > extent.x.high) extent.x = extent.y = {-1.0, 1.0};
  double width = extent.x.width(), height = extent.y.width();
  const double shorter = std::min(width, height), longer = std::max(width, height);
  const double size = std::max(extent.x.size(), extent.y.size());
  const double rounding = std::max(1e-12 * size, kNoSize);
  if (!(longer > rounding)) {
    // All points in one place.
    const double room = size > kNoSize ? size : 1.0;
    extent.x.widen_to(room), extent.y.widen_to(room);
    return with_margin(extent, 1.0, true);
  }
  if (shorter > rounding && longer > kMostElongated * shorter) {
    return with_margin(extent, kFreeAspect, false);
  }
  // A flat or a tall cloud gets room around it rather than a sliver of a panel.
  width = std::max(width, height / kLongestAspect);
  height = std::max(height, width * kFlattestAspect);
  extent.x.widen_to(width), extent.y.widen_to(height);
  return with_margin(extent, height / width, true);
}

Range range_of(const std::vector<const Points*>& clouds) {
  Interval range;
  for (const Points* cloud : clouds) {
    for (Index i = 0; i < cloud->rows(); ++i) {
      if (std::isfinite((*cloud)(i, 0))) range.take((*cloud)(i, 0));
    }
  }
  if (range.low > range.high) range = {0.0, 1.0};
  // A value alone, up to rounding, gets room that ticks can resolve.
  if (!(range.width() > std::max(1e-12 * range.size(), kNoSize))) {
    range.widen_to(range.size() > kNoSize ? range.size() : 1.0);
  }
  range.widen_to(range.width() * (1 + 2 * kRangeMargin));
  return {range.low, range.high};
}

}  // namespace otbridge
