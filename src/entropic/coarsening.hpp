// Coarser copies of a discrete problem, whose clouds are in spatial order (core/spatial_order.hpp).
#pragma once

#include "entropic/discrete_problem.hpp"

namespace otbridge {

// The variance within a run of points, over s^2, up to which the temperature cannot tell them
// apart.
constexpr double kResolution = 0.25;

// The clouds with every run of `group` points replaced by its weighted mean, or, in more dimensions
// than kLargestSpatialDimension, by one of its points.
DiscreteProblem coarsened(const DiscreteProblem& problem, Index group);

// Mean squared distance of the points to the mean of their run, the larger of the two clouds'.
double group_variance(const DiscreteProblem& problem, Index group);

}  // namespace otbridge
