#include "metrics/some_rows.hpp"

namespace otbridge {

std::vector<Index> some_rows(const WeightedPoints& cloud, Index limit, const RandomStream& stream) {
  std::vector<Index> rows = cloud.support();
  const auto n = static_cast<Index>(rows.size());
  if (n <= limit) return rows;
  std::vector<Index> chosen;
  for (const Index k : permutation(n, stream)) {
    chosen.push_back(rows[to_size(k)]);
    if (static_cast<Index>(chosen.size()) == limit) break;
  }
  return chosen;
}

WeightedPoints restricted(const WeightedPoints& cloud, const std::vector<Index>& rows) {
  Points points = cloud.points()(rows, Eigen::all);
  return cloud.uniform_weights() ? WeightedPoints(std::move(points))
                                 : WeightedPoints(std::move(points), cloud.weights()(rows));
}

}  // namespace otbridge
