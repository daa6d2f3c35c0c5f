#include "solvers/sinkhorn_order.hpp"

#include <algorithm>

#include "core/spatial_order.hpp"

namespace otbridge {
namespace {

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

}  // namespace

DiscreteProblem coarsened(const DiscreteProblem& problem, Index group) {
  DiscreteProblem coarse;
  coarsen(problem.x, problem.a, group, coarse.x, coarse.a);
  coarsen(problem.y, problem.b, group, coarse.y, coarse.b);
  return coarse;
}

double group_variance(const DiscreteProblem& problem, Index group) {
  return std::max(variance_within(problem.x, problem.a, group),
                  variance_within(problem.y, problem.b, group));
}

}  // namespace otbridge
