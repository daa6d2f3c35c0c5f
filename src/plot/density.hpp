// Density: what weighted numbers look like as a curve, and the monotone map between two of them.
#pragma once

#include "otbridge/plot/figure.hpp"

namespace otbridge {

// n x 2, value and density, at even steps from low to high: a Gaussian kernel of Silverman's width
// (1986, eq. 3.31), which is no less than a hundredth of the interval. Values that are not finite
// are passed over. O(n + points of the curve x bins).
Points density_curve(const PlotCloud& cloud, double low, double high);

// The optimal map of two laws on a line for every convex cost: quantile to quantile, n x 2 source
// and target values at the levels (k + 1/2) / n. O(n log n) in the points.
Points monotone_map(const PlotCloud& source, const PlotCloud& target, Index levels = 200);

}  // namespace otbridge
