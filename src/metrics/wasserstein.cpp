#include "otbridge/metrics/wasserstein.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "metrics/transport_tree.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

// Points of positive mass, centred, with their rows in the cloud.
struct Side {
  std::vector<Index> rows;
  Points points;
  Vector mass;
};

Side side_of(const WeightedPoints& cloud, const Eigen::RowVectorXd& centre) {
  Side side;
  for (Index i = 0; i < cloud.size(); ++i) {
    if (cloud.weights()[i] > 0.0) side.rows.push_back(i);
  }
  const auto n = static_cast<Index>(side.rows.size());
  side.points.resize(n, cloud.dimension());
  side.mass.resize(n);
  for (Index k = 0; k < n; ++k) {
    const Index i = side.rows[static_cast<std::size_t>(k)];
    side.points.row(k) = cloud.points().row(i) - centre;
    side.mass[k] = cloud.weights()[i];
  }
  return side;
}

// Orders both clouds along one recursive halving of space, so that the north-west corner rule
// starts from a transport between near neighbours.
class Halving {
 public:
  Halving(const Side& a, const Side& b) : a_(a), b_(b) {
    source.resize(a.rows.size());
    sink.resize(b.rows.size());
    std::iota(source.begin(), source.end(), Index{0});
    std::iota(sink.begin(), sink.end(), Index{0});
    split(0, source.size(), 0, sink.size());
  }
  std::vector<Index> source, sink;

 private:
  void split(std::size_t a0, std::size_t a1, std::size_t b0, std::size_t b1) {
    if (a1 - a0 < 2 || b1 - b0 < 2) return;
    const Index axis = widest(a0, a1);
    const std::size_t a_half = halve(source, a_, a0, a1, axis),
                      b_half = halve(sink, b_, b0, b1, axis);
    split(a0, a_half, b0, b_half);
    split(a_half, a1, b_half, b1);
  }

  Index widest(std::size_t begin, std::size_t end) const {
    Eigen::RowVectorXd low = a_.points.row(source[begin]), high = low;
    for (std::size_t k = begin; k < end; ++k) {
      low = low.cwiseMin(a_.points.row(source[k]));
      high = high.cwiseMax(a_.points.row(source[k]));
    }
    Index axis = 0;
    (high - low).maxCoeff(&axis);
    return axis;
  }

  static std::size_t halve(std::vector<Index>& order, const Side& side, std::size_t begin,
                           std::size_t end, Index axis) {
    const std::size_t middle = begin + (end - begin) / 2;
    const auto at = [&](std::size_t k) { return order.begin() + static_cast<std::ptrdiff_t>(k); };
    std::nth_element(at(begin), at(middle), at(end), [&](Index i, Index j) {
      const double p = side.points(i, axis), q = side.points(j, axis);
      return p < q || (p == q && i < j);
    });
    return middle;
  }

  const Side &a_, &b_;
};

// With uniform weights on both sides masses can be whole numbers, and then flows are exact.
void make_whole(const WeightedPoints& mu, const WeightedPoints& nu, Side& a, Side& b,
                double& unit) {
  if (!mu.uniform_weights() || !nu.uniform_weights()) return;
  const Index n = a.mass.size(), m = b.mass.size(), common = std::gcd(n, m);
  a.mass.setConstant(static_cast<double>(m / common));
  b.mass.setConstant(static_cast<double>(n / common));
  unit = 1.0 / (static_cast<double>(n) * static_cast<double>(m / common));
}

}  // namespace

ExactTransport exact_transport(const WeightedPoints& mu, const WeightedPoints& nu) {
  if (mu.dimension() != nu.dimension()) {
    throw InvalidInput("exact_transport", "the clouds have dimensions " +
                                              std::to_string(mu.dimension()) + " and " +
                                              std::to_string(nu.dimension()));
  }
  const Eigen::RowVectorXd centre =
      0.5 * (mu.points().colwise().mean() + nu.points().colwise().mean());
  Side a = side_of(mu, centre), b = side_of(nu, centre);
  double unit = 1.0;
  make_whole(mu, nu, a, b, unit);
  const Halving order(a, b);
  TransportTree tree(a.points, b.points, a.mass, b.mass, order.source, order.sink);

  // Pricing row by row: the most negative reduced cost of a row enters; a full round without one
  // ends. Reduced costs of a row are (|x|^2 / 2 - f) + (|y|^2 / 2 - g) - <x, y>.
  const Index n = a.points.rows(), m = b.points.rows();
  const Vector x_half = 0.5 * a.points.rowwise().squaredNorm();
  const Vector y_half = 0.5 * b.points.rowwise().squaredNorm();
  const double largest = x_half.maxCoeff() + y_half.maxCoeff();
  const double tolerance = 1e-13 * largest;
  const Matrix columns = b.points;  // m x d, column-major: the products below run along the columns
  Vector reduced(m);
  ExactTransport result;
  for (Index row = 0, quiet = 0; quiet < n; row = (row + 1) % n) {
    for (Index j = 0; j < m; ++j) reduced[j] = y_half[j] - tree.potential(n + j);
    reduced.noalias() -=
        columns * a.points.row(order.source[static_cast<std::size_t>(row)]).transpose();
    const Index i = order.source[static_cast<std::size_t>(row)];
    const double offset = x_half[i] - tree.potential(i);
    const double least = reduced.minCoeff();
    ++quiet;
    if (offset + least >= -tolerance) continue;
    Index j = 0;
    while (reduced[j] > least) ++j;
    if (tree.reduced_cost(i, j) >= -tolerance) continue;
    tree.pivot(i, j);
    ++result.pivots;
    quiet = 0;
  }

  tree.for_each_arc([&](Index i, Index j, double flow) {
    if (flow <= 0.0) return;
    const double mass = flow * unit;
    result.flows.push_back(
        {a.rows[static_cast<std::size_t>(i)], b.rows[static_cast<std::size_t>(j)], mass});
    result.cost += mass * tree.cost(i, j);
  });
  std::ranges::sort(result.flows, {},
                    [](const auto& flow) { return std::pair(flow.source, flow.target); });

  // Duals everywhere: a point without mass takes the hard c-transform, which keeps f + g <= c.
  result.f = Vector::Constant(mu.size(), std::numeric_limits<double>::infinity());
  result.g = Vector::Constant(nu.size(), std::numeric_limits<double>::infinity());
  for (Index i = 0; i < n; ++i) result.f[a.rows[static_cast<std::size_t>(i)]] = tree.potential(i);
  for (Index j = 0; j < m; ++j)
    result.g[b.rows[static_cast<std::size_t>(j)]] = tree.potential(n + j);
  const auto slack = [&](Index i, Index j) {
    return 0.5 * (mu.points().row(i) - nu.points().row(j)).squaredNorm();
  };
  for (Index j = 0; j < nu.size(); ++j) {
    if (std::isfinite(result.g[j])) continue;
    for (const Index i : a.rows) result.g[j] = std::min(result.g[j], slack(i, j) - result.f[i]);
  }
  for (Index i = 0; i < mu.size(); ++i) {
    if (std::isfinite(result.f[i])) continue;
    for (Index j = 0; j < nu.size(); ++j)
      result.f[i] = std::min(result.f[i], slack(i, j) - result.g[j]);
  }
  result.dual_value = result.f.dot(mu.weights()) + result.g.dot(nu.weights());
  std::vector<double> worst(static_cast<std::size_t>(chunk_count(mu.size(), 64)), 0.0);
  parallel_for(mu.size(), 64, [&](Index begin, Index end, Index chunk) {
    for (Index i = begin; i < end; ++i) {
      for (Index j = 0; j < nu.size(); ++j) {
        double& w = worst[static_cast<std::size_t>(chunk)];
        w = std::max(w, result.f[i] + result.g[j] - slack(i, j));
      }
    }
  });
  result.worst_violation = *std::ranges::max_element(worst);
  return result;
}

double wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu) {
  return std::sqrt(2.0 * std::max(0.0, exact_transport(mu, nu).cost));
}

}  // namespace otbridge
