#include "measure/sliced_distance.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

// The mean of squared_distance(u) over unit vectors u, uniform on the sphere: normalised normals.
template <class SquaredDistance>
double mean_over_directions(Index directions, Index dimension, const RandomStream& stream,
                            const SquaredDistance& squared_distance) {
  const Points normals = normal_points(directions, dimension, stream);
  // One direction is a chunk, so the sum has the same order for any number of threads.
  const double total = parallel_sum(directions, 1, [&](Index k, Index) {
    const Vector direction = normals.row(k).transpose().normalized();
    return squared_distance(direction);
  });
  return total / static_cast<double>(directions);
}

// A line of weighted numbers in ascending order.
struct Line {
  std::vector<double> value, weight;
};

Line sorted_projection(const WeightedPoints& cloud, const Vector& direction) {
  const Vector projected = cloud.points() * direction;
  std::vector<Index> order(to_size(cloud.size()));
  std::iota(order.begin(), order.end(), Index{0});
  // Stable, so that the order of equal values, whose weights may differ, is the cloud's own.
  std::ranges::stable_sort(order, {}, [&](Index i) { return projected[i]; });
  Line line;
  for (const Index i : order) {
    line.value.push_back(projected[i]);
    line.weight.push_back(cloud.weights()[i]);
  }
  return line;
}

// Exact squared W2 on the line: the quantile functions are constant on pieces, each as long as the
// smaller of the two masses that are left.
double squared_distance(const Line& p, const Line& q) {
  double total = 0.0, p_left = p.weight[0], q_left = q.weight[0];
  std::size_t i = 0, j = 0;
  while (true) {
    const double mass = std::min(p_left, q_left);
    total += mass * (p.value[i] - q.value[j]) * (p.value[i] - q.value[j]);
    p_left -= mass;
    q_left -= mass;
    // Weights sum to 1 only up to rounding: whichever side runs out first ends the sum.
    if (p_left <= q_left) {
      if (++i == p.value.size()) return total;
      p_left += p.weight[i];
    } else {
      if (++j == q.value.size()) return total;
      q_left += q.weight[j];
    }
  }
}

}  // namespace

double sliced_squared_distance(const WeightedPoints& mu, const WeightedPoints& nu, Index directions,
                               const RandomStream& stream) {
  return mean_over_directions(directions, mu.dimension(), stream, [&](const Vector& direction) {
    return squared_distance(sorted_projection(mu, direction), sorted_projection(nu, direction));
  });
}

double sliced_squared_distance(ConstPoints x, ConstPoints y, Index directions,
                               const RandomStream& stream) {
  return mean_over_directions(directions, x.cols(), stream, [&](const Vector& direction) {
    Vector a = x * direction, b = y * direction;
    for (Vector* sorted : {&a, &b}) std::sort(sorted->data(), sorted->data() + sorted->size());
    return (a - b).squaredNorm() / static_cast<double>(x.rows());
  });
}

double relative_sliced_error(ConstPoints moved, const Measure& law, double fallback,
                             const RandomStream& stream) {
  const Index n = moved.rows(), d = moved.cols();
  const Points fresh = law->sample(n, stream.fork(0));
  // On the line every direction is the same up to its sign, so one is exact.
  const Index directions = d == 1 ? 1 : 64;
  const double squared = sliced_squared_distance(moved, fresh, directions, stream.fork(1));
  // Of copies of one point the mean is rounded: from the first row they are at 0.
  const Points apart = fresh.rowwise() - fresh.row(0);
  const double variance =
      (apart.rowwise() - apart.colwise().mean()).squaredNorm() / static_cast<double>(n * d);
  const double unit = variance > 0.0 ? std::sqrt(variance) : fallback;
  return std::sqrt(squared) / unit;
}

}  // namespace otbridge
