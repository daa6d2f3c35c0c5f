#include "core/spatial_order.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

namespace otbridge {
namespace {

constexpr std::size_t kLeaf = 4;       // points in any order
using Key = std::pair<double, Index>;  // a coordinate and the number of its point

// low, high: room for one point each.
void halve(ConstPoints points, std::span<Key> keys, Eigen::RowVectorXd& low,
           Eigen::RowVectorXd& high) {
  if (keys.size() <= kLeaf) return;
  low = high = points.row(keys[0].second);
  for (const auto& [value, i] : keys) {
    const double* point = points.row(i).data();
    for (Index k = 0; k < points.cols(); ++k) {
      low[k] = std::min(low[k], point[k]);
      high[k] = std::max(high[k], point[k]);
    }
  }
  Index axis = 0;
  // All points equal: any order is one of neighbours. (Written so that NaN ends here too.)
  if (!((high - low).maxCoeff(&axis) > 0.0)) return;
  for (auto& [value, i] : keys) value = points(i, axis);
  // The left part is the largest power of two below the size: its runs stay aligned, see the
  // header.
  const std::size_t left = std::bit_ceil(keys.size()) / 2;
  // Ties are broken by the number of the point, so that the library does not choose which points go
  // left.
  std::nth_element(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(left), keys.end());
  halve(points, keys.first(left), low, high);
  halve(points, keys.subspan(left), low, high);
}

}  // namespace

std::vector<Index> spatial_order(ConstPoints points) {
  std::vector<Key> keys(to_size(points.rows()));
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i].second = static_cast<Index>(i);
  Eigen::RowVectorXd low, high;
  halve(points, keys, low, high);
  std::vector<Index> order(keys.size());
  std::ranges::transform(keys, order.begin(), &Key::second);
  return order;
}

void coarsen(const Points& points, const Vector& weights, Index group, Points& means,
             Vector& masses) {
  const Index n = points.rows(), count = (n + group - 1) / group;
  means.resize(count, points.cols());
  masses.resize(count);
  for (Index k = 0; k < count; ++k) {
    const Index begin = k * group, size = std::min(group, n - begin);
    // The last run may be shorter.
    masses[k] = weights.segment(begin, size).sum();
    means.row(k) =
        weights.segment(begin, size).transpose() * points.middleRows(begin, size) / masses[k];
  }
}

}  // namespace otbridge
