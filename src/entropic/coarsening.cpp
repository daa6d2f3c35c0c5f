#include "entropic/coarsening.hpp"

#include <algorithm>

#include "core/spatial_order.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {
namespace {

// sum_i w_i |x_i - m(i)|^2, m(i) the mean of the run of point i.
double variance_within(const Points& points, const Vector& weights, Index group) {
  Points means;
  Vector masses;
  coarsen(points, weights, group, means, masses);
  double total = 0.0;
  for (Index i = 0; i < points.rows(); ++i) {
    total += weights[i] * (points.row(i) - means.row(i / group)).squaredNorm();
  }
  return total;
}

// In many dimensions the points of a run are far apart and their means shrink towards the centre of
// the cloud: there the middle point of a run stands for it, with the weight of all.
void coarsen_cloud(const Points& points, const Vector& weights, Index group, Points& coarse,
                   Vector& masses) {
  coarsen(points, weights, group, coarse, masses);
  if (points.cols() <= kLargestSpatialDimension) return;
  for (Index k = 0; k < coarse.rows(); ++k) {
    const Index begin = k * group;
    coarse.row(k) = points.row(begin + std::min(group, points.rows() - begin) / 2);
  }
}

}  // namespace

DiscreteProblem coarsened(const DiscreteProblem& problem, Index group) {
  DiscreteProblem coarse;
  coarsen_cloud(problem.x, problem.a, group, coarse.x, coarse.a);
  coarsen_cloud(problem.y, problem.b, group, coarse.y, coarse.b);
  return coarse;
}

double group_variance(const DiscreteProblem& problem, Index group) {
  return std::max(variance_within(problem.x, problem.a, group),
                  variance_within(problem.y, problem.b, group));
}

}  // namespace otbridge
