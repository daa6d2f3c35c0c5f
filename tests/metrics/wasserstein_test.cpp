#include "otbridge/metrics/wasserstein.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"

using namespace otbridge;

namespace {

double brute_force(const Points& x, const Points& y) {
  std::vector<Index> order(static_cast<std::size_t>(x.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  double best = 1e300;
  do {
    double cost = 0.0;
    for (Index i = 0; i < x.rows(); ++i) {
      cost += 0.5 * (x.row(i) - y.row(order[static_cast<std::size_t>(i)])).squaredNorm();
    }
    best = std::min(best, cost / static_cast<double>(x.rows()));
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

void check_certificate(const ExactTransport& plan, const WeightedPoints& mu,
                       const WeightedPoints& nu) {
  Vector row = Vector::Zero(mu.size()), column = Vector::Zero(nu.size());
  for (const auto& flow : plan.flows) {
    CHECK(flow.mass > 0.0);
    row[flow.source] += flow.mass;
    column[flow.target] += flow.mass;
  }
  const double scale = 1.0 + plan.cost;
  CHECK((row - mu.weights()).cwiseAbs().sum() < 1e-12);
  CHECK((column - nu.weights()).cwiseAbs().sum() < 1e-12);
  CHECK(plan.worst_violation < 1e-11 * scale);
  CHECK(std::abs(plan.cost - plan.dual_value) < 1e-11 * scale);
}

}  // namespace

TEST_CASE("exact transport is the best of all permutations for up to 7 points") {
  for (Index n = 1; n <= 7; ++n) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Points x = normal_points(n, 2, RandomStream(seed)),
                   y = normal_points(n, 2, RandomStream(seed + 100));
      const WeightedPoints mu(x), nu(y);
      const ExactTransport plan = exact_transport(mu, nu);
      CHECK(plan.cost == relative(brute_force(x, y), 1e-12));
      check_certificate(plan, mu, nu);
    }
  }
}

TEST_CASE("ties on integer grids, duplicates and identical points end and are certified") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Points x = (normal_points(80, 2, RandomStream(seed)).array() * 1.5).round();
    const Points y = (normal_points(120, 2, RandomStream(seed + 50)).array() * 1.5).round();
    check_certificate(exact_transport(WeightedPoints(x), WeightedPoints(y)), WeightedPoints(x),
                      WeightedPoints(y));
  }
  const WeightedPoints same(Points::Constant(500, 3, 0.1));
  CHECK(exact_transport(same, same).cost == 0.0);
}

TEST_CASE("weights, zero weights and unequal sizes are certified") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const RandomStream stream(seed);
    const Points x = normal_points(60, 3, stream), y = normal_points(90, 3, stream.fork(1));
    Vector a(60), b(90);
    for (Index i = 0; i < 60; ++i) a[i] = i % 7 == 0 ? 0.0 : stream.uniform(i, 3, 0);
    for (Index j = 0; j < 90; ++j) b[j] = j % 5 == 0 ? 0.0 : stream.uniform(j, 4, 0);
    const WeightedPoints mu(x, a), nu(y, b);
    check_certificate(exact_transport(mu, nu), mu, nu);
  }
}

TEST_CASE("on the line W2 is the distance of the sorted clouds") {
  const Points x = normal_points(300, 1, RandomStream(1)),
               y = 2.0 * normal_points(300, 1, RandomStream(2));
  Vector p = x.col(0), q = y.col(0);
  std::sort(p.begin(), p.end());
  std::sort(q.begin(), q.end());
  CHECK(wasserstein2(WeightedPoints(x), WeightedPoints(y)) ==
        relative(std::sqrt((p - q).squaredNorm() / 300.0), 1e-12));
}

TEST_CASE("W2 of a translate is the length of the shift, and scaling by 2^k is exact") {
  const Points x = normal_points(400, 2, RandomStream(3));
  Points moved = x;
  moved.rowwise() += Eigen::RowVector2d(3.0, -4.0);
  CHECK(wasserstein2(WeightedPoints(x), WeightedPoints(moved)) == relative(5.0, 1e-12));
  const Points y = normal_points(300, 2, RandomStream(4));
  const double w = wasserstein2(WeightedPoints(x), WeightedPoints(y));
  for (const double s : {0x1p-200, 0x1p40, 0x1p200}) {
    CHECK(wasserstein2(WeightedPoints(Points(s * x)), WeightedPoints(Points(s * y))) == s * w);
  }
  CHECK_THROWS_AS(
      wasserstein2(WeightedPoints(x), WeightedPoints(normal_points(3, 3, RandomStream(5)))),
      InvalidInput);
}
