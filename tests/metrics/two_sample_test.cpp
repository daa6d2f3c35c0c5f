#include "otbridge/metrics/two_sample.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"
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

TEST_CASE("squared MMD agrees with the plain double loops of both estimators") {
  const Points x = normal_points(40, 3, RandomStream(1)), y = normal_points(55, 3, RandomStream(2));
  constexpr double kWidth = 1.3;
  const auto sum = [&](const Points& p, const Points& q, bool itself) {
    double total = 0.0;
    for (Index i = 0; i < p.rows(); ++i) {
      for (Index j = 0; j < q.rows(); ++j) {
        if (i == j && !itself) continue;
        total += std::exp(-(p.row(i) - q.row(j)).squaredNorm() / (2.0 * kWidth * kWidth));
      }
    }
    return total;
  };
  const double cross = 2.0 * sum(x, y, true) / (40.0 * 55.0);
  const double biased = sum(x, x, true) / 1600.0 + sum(y, y, true) / 3025.0 - cross;
  const double unbiased =
      sum(x, x, false) / (40.0 * 39.0) + sum(y, y, false) / (55.0 * 54.0) - cross;
  const WeightedPoints mu(x), nu(y);
  CHECK(mmd_squared(mu, nu, MmdEstimator::biased, kWidth) == relative(biased, 1e-12));
  CHECK(std::abs(mmd_squared(mu, nu, MmdEstimator::unbiased, kWidth) - unbiased) < 1e-14);
  CHECK(mmd_squared(mu, mu) < 1e-15);
  CHECK(mmd_squared(mu, mu, MmdEstimator::unbiased) < 0.0);
}

TEST_CASE("the MMD of two points is by hand, in any unit, and weights count as copies") {
  const WeightedPoints at0(Points{{0.0}}), at2(Points{{2.0}});
  CHECK(mmd_squared(at0, at2, MmdEstimator::biased, 2.0) ==
        relative(2.0 - 2.0 * std::exp(-0.5), 1e-15));
  CHECK(median_distance(at0, at2) == 2.0);
  CHECK(mmd_squared(at0, at2) == relative(2.0 - 2.0 * std::exp(-0.5), 1e-15));
  CHECK(mmd_squared(at0, at0) == 0.0);
  CHECK(mmd_squared(at0, WeightedPoints(Points{{2e100}})) ==
        relative(mmd_squared(at0, at2), 1e-14));
  const WeightedPoints copies(Points{{0.0}, {0.0}, {3.0}}),
      weighted(Points{{0.0}, {3.0}}, Vector{{2, 1}});
  CHECK(mmd_squared(copies, weighted, MmdEstimator::biased, 1.0) < 1e-15);
  CHECK_THROWS_AS(mmd_squared(at0, at2, MmdEstimator::unbiased, 1.0), InvalidInput);
  CHECK_THROWS_AS(mmd_squared(at0, at2, MmdEstimator::biased, 0.0), InvalidInput);
  CHECK_THROWS_AS(mmd_squared(at0, at2, MmdEstimator::biased, -1.0), InvalidInput);
  CHECK_THROWS_AS(mmd_squared(at0, WeightedPoints(Points{{1.0, 2.0}})), InvalidInput);
}

TEST_CASE("the median distance is that of the pairs that do not coincide") {
  // 0, 0, 1, 5: distances 1 1 5 5 4, one of 0 left out.
  const WeightedPoints mu(Points{{0.0}, {0.0}, {1.0}}), nu(Points{{5.0}, {9.0}}, Vector{{1, 0}});
  CHECK(median_distance(mu, nu) == 4.0);
  // 0, 1, 3, 7: 1 2 3 4 6 7.
  CHECK(median_distance(WeightedPoints(Points{{0.0}, {1.0}}),
                        WeightedPoints(Points{{3.0}, {7.0}})) == 3.5);
  // Of a law with known median: |x - y| of two standard normals is |N(0, 2)|, median 0.9538726.
  const WeightedPoints many(normal_points(3000, 1, RandomStream(8)));
  CHECK(std::abs(median_distance(many) - 0.9538726) < 0.12);  // of 1000 points, six errors
}

TEST_CASE("all distances are the same bits for any number of threads") {
  const WeightedPoints mu(normal_points(300, 2, RandomStream(5))),
      nu(normal_points(200, 2, RandomStream(6)));
  const auto both = [&](int threads) {
    const ThreadScope scope(threads);
    return std::vector<double>{energy_distance(mu, nu),
                               sliced_wasserstein2(mu, nu, 50, RandomStream(7)),
                               mmd_squared(mu, nu)};
  };
  const auto one = both(1);
  CHECK(both(2) == one);
  CHECK(both(5) == one);
}
