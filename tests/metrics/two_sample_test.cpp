#include "otbridge/metrics/two_sample.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/parallel.hpp"

using namespace otbridge;

TEST_CASE("energy distance agrees with the plain double loop") {
  const Points x = normal_points(40, 3, RandomStream(1)), y = normal_points(55, 3, RandomStream(2));
  const auto mean = [](const Points& p, const Points& q) {
    double total = 0.0;
    for (Index i = 0; i < p.rows(); ++i) {
      for (Index j = 0; j < q.rows(); ++j) total += (p.row(i) - q.row(j)).norm();
    }
    return total / static_cast<double>(p.rows() * q.rows());
  };
  const double expected = 2 * mean(x, y) - mean(x, x) - mean(y, y);
  CHECK(energy_distance(WeightedPoints(x), WeightedPoints(y)) == relative(expected, 1e-12));
  CHECK(std::abs(energy_distance(WeightedPoints(x), WeightedPoints(x))) < 1e-15);
}

TEST_CASE("a duplicated point is a point of double weight") {
  Points x(3, 2), y(2, 2);
  x << 0, 0, 0, 0, 3, 1;
  y << 0, 0, 3, 1;
  const WeightedPoints mu(x), nu(y, Vector(Eigen::Vector2d(2, 1)));
  CHECK(std::abs(energy_distance(mu, nu)) < 1e-15);
  CHECK(std::abs(sliced_wasserstein2(mu, nu, 32, RandomStream(1))) < 1e-15);
}

TEST_CASE("sliced W2 of a translate is the mean squared projection of the shift") {
  // E <u, s>^2 = |s|^2 / d; 20000 directions, five standard errors: a false alarm below 1e-6.
  const Points x = normal_points(50, 3, RandomStream(3));
  Points moved = x;
  moved.col(1).array() += 2.0;
  const double squared = std::pow(
      sliced_wasserstein2(WeightedPoints(x), WeightedPoints(moved), 20000, RandomStream(4)), 2);
  const double deviation = 4.0 * std::sqrt((1.0 / 5.0 - 1.0 / 9.0) / 20000.0);
  CHECK(std::abs(squared - 4.0 / 3.0) < 5.0 * deviation);
}

TEST_CASE("both distances are the same bits for any number of threads") {
  const WeightedPoints mu(normal_points(300, 2, RandomStream(5))),
      nu(normal_points(200, 2, RandomStream(6)));
  const auto both = [&](int threads) {
    const ThreadScope scope(threads);
    return std::pair(energy_distance(mu, nu), sliced_wasserstein2(mu, nu, 50, RandomStream(7)));
  };
  const auto one = both(1);
  CHECK(both(2) == one);
  CHECK(both(5) == one);
}
