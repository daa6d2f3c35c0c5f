#include "solvers/sinkhorn_order.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace otbridge {
namespace {

void halve(ConstPoints points, Index* begin, Index* end) {
  const auto count = static_cast<std::size_t>(end - begin);
  if (count < 2) return;
  Eigen::RowVectorXd low = points.row(*begin), high = low;
  for (const Index* i = begin + 1; i < end; ++i) {
    low = low.cwiseMin(points.row(*i));
    high = high.cwiseMax(points.row(*i));
  }
  Index axis = 0;
  if (!((high - low).maxCoeff(&axis) > 0.0)) return;
  Index* const middle = begin + std::bit_ceil(count) / 2;
  std::nth_element(begin, middle, end, [&](Index i, Index j) {
    const double p = points(i, axis), q = points(j, axis);
    return p < q || (p == q && i < j);
  });
  halve(points, begin, middle);
  halve(points, middle, end);
}

void coarsen(const Points& points, const Vector& weights, Index group, Points& means,
             Vector& masses) {
  const Index n = points.rows(), count = (n + group - 1) / group;
  const bool spatial = points.cols() <= kLargestSpatialDimension;
  means.resize(count, points.cols());
  masses.resize(count);
  for (Index k = 0; k < count; ++k) {
    const Index begin = k * group, size = std::min(group, n - begin);
    masses[k] = weights.segment(begin, size).sum();
    if (spatial) {
      means.row(k) =
          weights.segment(begin, size).transpose() * points.middleRows(begin, size) / masses[k];
    } else {
      means.row(k) = points.row(begin + size / 2);
    }
  }
}

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

std::vector<Index> spatial_order(ConstPoints points) {
  std::vector<Index> order(static_cast<std::size_t>(points.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  halve(points, order.data(), order.data() + order.size());
  return order;
}

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
