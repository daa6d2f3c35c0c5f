#include "core/spatial_order.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace otbridge {
namespace {

// low, high: room for one point each.
void halve(ConstPoints points, Index* begin, Index* end, Eigen::RowVectorXd& low,
           Eigen::RowVectorXd& high) {
  const auto count = to_size(end - begin);
  if (count <= 2) return;  // in either order
  low = high = points.row(*begin);
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
  halve(points, begin, middle, low, high);
  halve(points, middle, end, low, high);
}

}  // namespace

std::vector<Index> spatial_order(ConstPoints points) {
  std::vector<Index> order(to_size(points.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  Eigen::RowVectorXd low, high;
  halve(points, order.data(), order.data() + order.size(), low, high);
  return order;
}

void coarsen(const Points& points, const Vector& weights, Index group, Points& means,
             Vector& masses) {
  const Index n = points.rows(), count = (n + group - 1) / group;
  means.resize(count, points.cols());
  masses.resize(count);
  for (Index k = 0; k < count; ++k) {
    const Index begin = k * group, size = std::min(group, n - begin);
    masses[k] = weights.segment(begin, size).sum();
    means.row(k) =
        weights.segment(begin, size).transpose() * points.middleRows(begin, size) / masses[k];
  }
}

}  // namespace otbridge
