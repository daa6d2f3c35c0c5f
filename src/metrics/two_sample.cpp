#include "otbridge/metrics/two_sample.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

void check_dimensions(const WeightedPoints& mu, const WeightedPoints& nu) {
  if (mu.dimension() == nu.dimension()) return;
  throw InvalidInput("two samples", "the dimensions " + std::to_string(mu.dimension()) + " and " +
                                        std::to_string(nu.dimension()) + " differ");
}

// A line of weighted numbers in ascending order.
struct Line {
  std::vector<double> value, weight;
};

Line sorted_projection(const WeightedPoints& cloud, const Vector& direction) {
  const Vector projected = cloud.points() * direction;
  std::vector<Index> order(to_size(cloud.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, {}, [&](Index i) { return projected[i]; });
  Line line;
  for (const Index i : order) {
    line.value.push_back(projected[i]);
    line.weight.push_back(cloud.weights()[i]);
  }
  return line;
}

// Exact squared W2 on the line: the quantile functions matched piece by piece.
double squared_distance(const Line& p, const Line& q) {
  double total = 0.0, p_left = p.weight[0], q_left = q.weight[0];
  std::size_t i = 0, j = 0;
  while (true) {
    const double mass = std::min(p_left, q_left);
    total += mass * (p.value[i] - q.value[j]) * (p.value[i] - q.value[j]);
    p_left -= mass;
    q_left -= mass;
    if (p_left <= q_left) {
      if (++i == p.value.size()) return total;
      p_left += p.weight[i];
    } else {
      if (++j == q.value.size()) return total;
      q_left += q.weight[j];
    }
  }
}

// sum_ij a_i b_j |x_i - y_j|.
double mean_distance(const WeightedPoints& mu, const WeightedPoints& nu) {
  const Matrix columns = nu.points();  // column-major: one coordinate at a time
  return parallel_sum(mu.size(), 32, [&](Index begin, Index end) {
    Eigen::ArrayXd squares(nu.size());
    double total = 0.0;
    for (Index i = begin; i < end; ++i) {
      squares.setZero();
      for (Index c = 0; c < mu.dimension(); ++c) {
        squares += (columns.col(c).array() - mu.points()(i, c)).square();
      }
      total += mu.weights()[i] * (squares.sqrt() * nu.weights().array()).sum();
    }
    return total;
  });
}

}  // namespace

double sliced_wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu, Index directions,
                           const RandomStream& stream) {
  check_dimensions(mu, nu);
  const Points normals = normal_points(directions, mu.dimension(), stream);
  const double total = parallel_sum(directions, 1, [&](Index begin, Index end) {
    double sum = 0.0;
    for (Index k = begin; k < end; ++k) {
      const Vector direction = normals.row(k).transpose().normalized();
      sum += squared_distance(sorted_projection(mu, direction), sorted_projection(nu, direction));
    }
    return sum;
  });
  return std::sqrt(total / static_cast<double>(directions));
}

double energy_distance(const WeightedPoints& mu, const WeightedPoints& nu) {
  check_dimensions(mu, nu);
  // Never negative but for rounding (Szekely, Rizzo 2013), which the bound takes off.
  return std::max(0.0, 2.0 * mean_distance(mu, nu) - mean_distance(mu, mu) - mean_distance(nu, nu));
}

}  // namespace otbridge
