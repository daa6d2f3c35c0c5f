#include "entropic/conditional.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "../sweep/clouds.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/parallel.hpp"

using namespace otbridge;

namespace {

// Clusters with a potential that is smooth, with noise, so that bounds and weights are of all
// sizes.
struct Cloud {
  Cloud(Index n, Index d, double s2, LocalPrecision precision = LocalPrecision::mixed)
      : points(clustered(n, d, 3, 2.0)),
        weights(Vector::Constant(n, 1.0 / static_cast<double>(n))),
        potential(0.2 * points.col(0) - 0.1 * points.rowwise().squaredNorm() +
                  0.2 * s2 * normal_points(n, 1, RandomStream(8)).col(0)) {
    weights[n / 2] = 0.0;
    tilted = std::make_shared<const TiltedCloud>(points, weights, potential, s2, precision);
  }
  Points points;
  Vector weights, potential;
  std::shared_ptr<const TiltedCloud> tilted;
};

// What every pair gives: shares of one row, from differences of coordinates.
Vector shares(const Cloud& cloud, const ConditionalKernel& kernel, double s2, ConstPoints x) {
  Vector z(cloud.points.rows());
  for (Index j = 0; j < z.size(); ++j) {
    z[j] = std::log(cloud.weights[j]) + cloud.potential[j] / s2 -
           (kernel.support * cloud.points.row(j) - kernel.query * x.row(0)).squaredNorm() /
               (2.0 * kernel.variance);
  }
  const Vector w = (z.array() - z.maxCoeff()).exp();
  return w / w.sum();
}

// The largest error of a mean, by the standard deviation of its law.
double worst_error(const Cloud& cloud, const ConditionalKernel& kernel, double s2, ConstPoints x) {
  const Points means = EntropicConditional(cloud.tilted, kernel).mean(x);
  double worst = 0.0;
  for (Index i = 0; i < x.rows(); ++i) {
    const Vector w = shares(cloud, kernel, s2, x.row(i));
    const Eigen::RowVectorXd mean = w.transpose() * cloud.points;
    const double variance = w.dot((cloud.points.rowwise() - mean).rowwise().squaredNorm());
    const double size = 1e-7 * mean.norm();  // where one point has it all
    worst = std::max(worst, (means.row(i) - mean).norm() / (std::sqrt(variance) + size));
  }
  return worst;
}

}  // namespace

TEST_CASE("means over near points are those over all pairs") {
  for (const Index d : {1, 2, 3, 5, 10, 14}) {
    for (const double s2 : {3.0, 0.3, 0.03, 0.003}) {
      CAPTURE(d);
      CAPTURE(s2);
      const Points x = 2.0 * normal_points(40, d, RandomStream(5));
      const Cloud mixed(5000, d, s2), full(5000, d, s2, LocalPrecision::full);
      for (const ConditionalKernel& kernel :
           {ConditionalKernel{1.0, 0.9, s2}, ConditionalKernel{0.8, 1.0, 0.4 * s2}}) {
        CHECK(worst_error(mixed, kernel, s2, x) < 1e-6);
        CHECK(worst_error(full, kernel, s2, x) < 1e-8);
      }
    }
  }
}

// log of a sum of weights: an error of 1e-6 of the sum is one of 1e-6.
TEST_CASE("sums over near points are those over all pairs, beside a draw too") {
  for (const Index d : {1, 3, 14}) {  // of 14 coordinates all pairs are summed
    for (const double s2 : {0.3, 0.003}) {
      CAPTURE(d);
      CAPTURE(s2);
      Points x = 2.0 * normal_points(40, d, RandomStream(5));
      x.row(7) *= 1e6;  // far out
      x.row(9) = x.row(8);
      for (const Index n : {3000, 5000}) {  // the smaller one is summed whole
        const Cloud mixed(n, d, s2), full(n, d, s2, LocalPrecision::full);
        const ConditionalKernel kernel{1.0, 0.9, s2};
        const EntropicConditional single(mixed.tilted, kernel), exact(full.tilted, kernel);
        const Vector expected = exact.log_normaliser(x);
        const auto apart = [&](const Vector& found) {
          const Vector size = 1e-12 * expected.cwiseAbs();  // of the exponents themselves
          return ((found - expected).cwiseAbs() - size).maxCoeff();
        };
        CHECK(apart(single.near_log_normaliser(x)) < 2e-6);
        CHECK(apart(exact.near_log_normaliser(x)) < 1e-11);
        Vector beside;
        const RandomStream stream(3);
        CHECK(single.draw(x, stream, 0, &beside) == single.draw(x, stream, 0));
        CHECK(apart(beside) < 2e-6);
      }
    }
  }
}

TEST_CASE("where single precision would not do, means are had in double") {
  // Neighbours in a tile are many standard deviations of the kernel apart: single precision errs by
  // more than the spread of the law.
  const Cloud cloud(6000, 2, 0.003);
  const Points x = 2.0 * normal_points(60, 2, RandomStream(5));
  CHECK(worst_error(cloud, {0.8, 1.0, 0.0012}, 0.003, x) < 1e-6);
}

// Of two pieces of 64 neighbours the exponents at x = 0 fall by 29.7 bits from one point to the
// next, and the second begins 3 bits below the first: it is weak, has a ninth of the mass, and at
// its centre an exponent of nearly -1000, which single precision knows to 3e-5.
TEST_CASE("far pieces that fall steeply are had in double where they count") {
  constexpr double kVariance = 1.0;
  Cloud cloud(5000, 1, kVariance);
  for (Index i = 0; i < 5000; ++i) {
    const double from = i < 64 ? 0.0 : i < 128 ? 10.0 : 100.0;
    const double bits = i < 64 ? 0.0 : i < 128 ? -3.0 : -500.0;
    const double fall = i < 128 ? 29.7 * static_cast<double>(i % 64) : 0.0;
    const double y = from + 0.01 * static_cast<double>(i);
    cloud.points(i, 0) = y;
    cloud.potential[i] = kVariance * ((bits - fall) * std::log(2.0) + 0.5 * y * y / kVariance);
  }
  cloud.weights.setConstant(1.0 / 5000.0);
  cloud.tilted = std::make_shared<const TiltedCloud>(cloud.points, cloud.weights, cloud.potential,
                                                     kVariance, LocalPrecision::mixed);
  CHECK(worst_error(cloud, {1.0, 1.0, kVariance}, kVariance, Points::Zero(1, 1)) < 1e-6);
}

TEST_CASE("a row has the same bytes in any batch and for any number of threads") {
  for (const Index d : {2, 3, 14}) {
    CAPTURE(d);
    const Cloud cloud(5000, d, 0.3);
    const EntropicConditional conditional(cloud.tilted, {1.0, 1.0, 0.3});
    Points x = 2.0 * normal_points(150, d, RandomStream(6));
    x.row(70).array() += 1e7;  // far out: squares over the variance beyond single precision
    for (const Index i : {9, 91, 140}) x.row(i) = x.row(21);  // the same, wherever it stands
    const RandomStream stream(7);
    const Points means = conditional.mean(x), drawn = conditional.sample(x, stream, 0);
    for (const int threads : {1, 3}) {
      const ThreadScope scope(threads);
      CHECK(conditional.mean(x) == means);
      CHECK(conditional.sample(x, stream, 0) == drawn);
    }
    for (Index i = 0; i < x.rows(); i += 7) {
      CHECK(conditional.mean(x.row(i)) == means.row(i));
      CHECK(conditional.sample(x.row(i), stream, i) == drawn.row(i));
    }
    CHECK(conditional.mean(x.bottomRows(33)) == means.bottomRows(33));
  }
}

// Of one row, 40000 draws: the count of each of 8 groups of points is binomial; five standard
// errors are left by chance once in 1.7e6, and there are 32 of them.
TEST_CASE("draws have the shares of all pairs") {
  for (const Index d : {1, 3, 10, 14}) {
    CAPTURE(d);
    const double s2 = 0.5;
    const Cloud cloud(5000, d, s2);
    const ConditionalKernel kernel{1.0, 1.0, s2};
    const EntropicConditional conditional(cloud.tilted, kernel);
    const Index n = 40000;
    const Points x = Points::Constant(n, d, 0.3);
    const Points drawn = conditional.sample(x, RandomStream(9), 0);
    const Vector w = shares(cloud, kernel, s2, x.topRows(1));
    // Groups by the first coordinate, at the quantiles of the law.
    std::vector<Index> order(to_size(w.size()));
    for (std::size_t j = 0; j < order.size(); ++j) order[j] = static_cast<Index>(j);
    std::ranges::sort(order, {}, [&](Index j) { return cloud.points(j, 0); });
    double share = 0.0, low = -1e300;
    for (std::size_t j = 0; j < order.size(); ++j) {
      share += w[order[j]];
      if (share < 0.125 && j + 1 < order.size()) continue;
      const double high = cloud.points(order[j], 0);
      const auto first = drawn.col(0).array();
      const auto count = static_cast<double>((first > low && first <= high).count());
      const double spread = std::sqrt(share * (1.0 - share) * static_cast<double>(n));
      CHECK(std::abs(count - share * static_cast<double>(n)) <= 5.0 * spread + 1e-6);
      share = 0.0;
      low = high;
    }
    // And they are points of the cloud, of some weight.
    for (Index i = 0; i < 50; ++i) {
      const auto apart = (cloud.points.rowwise() - drawn.row(i)).rowwise().squaredNorm();
      Index nearest = 0;
      CHECK(apart.minCoeff(&nearest) == 0.0);
      CHECK(w[nearest] > 0.0);
    }
  }
}

TEST_CASE("rows beyond all squares are refused, and so are such potentials") {
  const Cloud cloud(5000, 3, 0.3);
  const EntropicConditional conditional(cloud.tilted, {1.0, 1.0, 0.3});
  CHECK_THROWS_AS(conditional.mean(Points::Constant(1, 3, 1e200)), InvalidInput);
  const auto beyond = std::make_shared<const TiltedCloud>(
      cloud.points, cloud.weights, Vector::Constant(5000, 1e300), 1e-10, LocalPrecision::mixed);
  CHECK_THROWS_AS(EntropicConditional(beyond, {1.0, 1.0, 0.3}), InvalidInput);
}
