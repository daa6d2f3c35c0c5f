#include "otbridge/metrics/wasserstein.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"

using namespace otbridge;

namespace {

template <class Cost>
double brute_force(const Points& x, const Points& y, const Cost& cost_of) {
  std::vector<Index> order(static_cast<std::size_t>(x.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  double best = 1e300;
  do {
    double cost = 0.0;
    for (Index i = 0; i < x.rows(); ++i) {
      cost += cost_of(x.row(i) - y.row(order[static_cast<std::size_t>(i)]));
    }
    best = std::min(best, cost / static_cast<double>(x.rows()));
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

double half_square(const Eigen::RowVectorXd& apart) { return 0.5 * apart.squaredNorm(); }
double length(const Eigen::RowVectorXd& apart) { return apart.norm(); }

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
      CHECK(plan.cost == relative(brute_force(x, y, half_square), 1e-12));
      check_certificate(plan, mu, nu);
      CHECK(wasserstein1(mu, nu) == relative(brute_force(x, y, length), 1e-12));
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

TEST_CASE("on the line W1 is the area between the distribution functions, whatever the weights") {
  const RandomStream stream(6);
  const Points x = normal_points(250, 1, stream),
               y = 1.0 + normal_points(330, 1, stream.fork(1)).array();
  Vector a(250), b(330);
  for (Index i = 0; i < 250; ++i) a[i] = i % 7 == 0 ? 0.0 : stream.uniform(i, 3, 0);
  for (Index j = 0; j < 330; ++j) b[j] = stream.uniform(j, 4, 0);
  const WeightedPoints mu(x, a), nu(y, b);
  std::vector<std::pair<double, double>> steps;  // place, jump of F - G
  for (Index i = 0; i < 250; ++i) steps.emplace_back(x(i, 0), mu.weights()[i]);
  for (Index j = 0; j < 330; ++j) steps.emplace_back(y(j, 0), -nu.weights()[j]);
  std::sort(steps.begin(), steps.end());
  double area = 0.0, level = 0.0;
  for (std::size_t k = 0; k + 1 < steps.size(); ++k) {
    level += steps[k].second;
    area += std::abs(level) * (steps[k + 1].first - steps[k].first);
  }
  CHECK(wasserstein1(mu, nu) == relative(area, 1e-10));
}

TEST_CASE("W1 agrees with POT, is the length of a shift, keeps units, and is 0 for equal clouds") {
  // ot.emd2([], [], ot.dist(x, y, "euclidean")) of POT 0.9.7 for the points below.
  Points x(70, 3), y(90, 3);
  for (Index i = 0; i < 70; ++i) {
    for (Index c = 0; c < 3; ++c)
      x(i, c) = static_cast<double>((i * i * 7 + i * c * 11 + 5 * c) % 101) / 20.0;
  }
  for (Index j = 0; j < 90; ++j) {
    for (Index c = 0; c < 3; ++c)
      y(j, c) = static_cast<double>((j * j * 5 + j * c * 13 + 3 * c) % 97) / 25.0;
  }
  const WeightedPoints mu(x), nu(y);
  const double w1 = wasserstein1(mu, nu);
  CHECK(w1 == relative(1.293032950760994, 1e-9));
  CHECK(wasserstein1(nu, mu) == relative(w1, 1e-12));
  CHECK(wasserstein1(WeightedPoints(Points(0x1p100 * x)), WeightedPoints(Points(0x1p100 * y))) ==
        0x1p100 * w1);
  const Points moved = x.rowwise() + Eigen::RowVector3d(2.0, -1.0, 2.0);
  CHECK(wasserstein1(mu, WeightedPoints(moved)) == relative(3.0, 1e-12));
  CHECK(wasserstein1(mu, mu) == 0.0);
  CHECK_THROWS_AS(wasserstein1(mu, WeightedPoints(Points(3, 2))), InvalidInput);
}
