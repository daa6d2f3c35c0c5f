// What a step of the mixture's fit is made of: moments of shares against sums by hand, the bridge
// of a share against its equation and against differences of the loss; clusters that are plain.
#include "mixture/shares.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "mixture/clusters.hpp"
#include "mixture/terms.hpp"

using namespace otbridge;

namespace {

Matrix random_covariance(Index d, const RandomStream& stream) {
  const Points x = normal_points(d + 3, d, stream);
  return x.transpose() * x / static_cast<double>(d);
}

}  // namespace

TEST_CASE("moments of shares are those of weighted sums") {
  constexpr Index kRows = 5000, kDimension = 3;
  const Points x = normal_points(kRows, kDimension, RandomStream(1)).array() + 7.0;
  const Vector weights = Vector::LinSpaced(kRows, 1.0, 2.0) / (1.5 * kRows);
  Matrix shares(kRows, 2);
  for (Index i = 0; i < kRows; ++i)
    shares(i, 0) = i % 3 == 0 ? 0.0 : 1.0 / (1.0 + x(i, 0) * x(i, 0));
  shares.col(1) = 1.0 - shares.col(0).array();
  const auto full = moments_of_shares(x, weights, shares, true);
  const auto diagonal = moments_of_shares(x, weights, shares, false);
  for (Index k = 0; k < 2; ++k) {
    double mass = 0.0;
    Vector mean = Vector::Zero(kDimension);
    Matrix covariance = Matrix::Zero(kDimension, kDimension);
    for (Index i = 0; i < kRows; ++i) mass += weights[i] * shares(i, k);
    for (Index i = 0; i < kRows; ++i) mean += weights[i] * shares(i, k) / mass * x.row(i);
    for (Index i = 0; i < kRows; ++i) {
      const Vector apart = x.row(i).transpose() - mean;
      covariance += weights[i] * shares(i, k) / mass * apart * apart.transpose();
    }
    const auto slot = to_size(k);
    CHECK(std::abs(full[slot].mass - mass) < 1e-12);
    CHECK((full[slot].mean - mean).norm() < 1e-11);
    CHECK((full[slot].covariance - covariance).norm() < 1e-11);
    CHECK((diagonal[slot].covariance - covariance.diagonal()).norm() < 1e-11);
    const double variance = covariance.trace() / kDimension;
    CHECK(std::abs(mean_variance({full[slot]}) - variance) < 1e-11);
    CHECK(std::abs(mean_variance({diagonal[slot]}) - variance) < 1e-11);
  }
  // Two parts of a cloud, the second of a quarter of its mass, and both together.
  const Index cut = 3000;
  const auto part = [&](Index begin, Index end, double mass, bool covariances) {
    const Vector w = weights.segment(begin, end - begin);
    const Points rows = x.middleRows(begin, end - begin);
    return moments_of_shares(rows, mass / w.sum() * w, shares.middleRows(begin, end - begin),
                             covariances)[0];
  };
  Vector both = weights;
  both.head(cut) *= 0.75 / weights.head(cut).sum();
  both.tail(kRows - cut) *= 0.25 / weights.tail(kRows - cut).sum();
  for (const bool covariances : {true, false}) {
    const ShareMoments all = moments_of_shares(x, both, shares, covariances)[0];
    const ShareMoments found =
        mixed(part(0, cut, 1.0, covariances), part(cut, kRows, 1.0, covariances), 0.25);
    CHECK(std::abs(found.mass - all.mass) < 1e-12);
    CHECK((found.mean - all.mean).norm() < 1e-11);
    CHECK((found.covariance - all.covariance).norm() < 1e-11);
  }
}

TEST_CASE("the bridge of a share solves its equation, with a prior that of the drawn covariances") {
  constexpr Index d = 4;
  const RandomStream stream(3);
  const ShareMoments near{0.3, normal_points(1, d, stream.fork(0)).row(0).transpose(),
                          random_covariance(d, stream.fork(1))};
  const ShareMoments far{0.2, normal_points(1, d, stream.fork(2)).row(0).transpose(),
                         random_covariance(d, stream.fork(3))};
  for (const double mass : {0.0, 0.1, 10.0}) {
    CAPTURE(mass);
    const SharePrior prior{mass, 0.7, 1.9};
    const PotentialShape shape = gaussian_share(near, far, prior, 1e-9);
    const Matrix one = Matrix::Identity(d, d);
    const Matrix sx = (0.3 * near.covariance + mass * 0.7 * one) / (0.3 + mass);
    const Matrix sy = (0.2 * far.covariance + mass * 1.9 * one) / (0.2 + mass);
    const Matrix p = shape.precision.inverse();
    CHECK((p * sx * p + p - sy).norm() < 1e-10);
    // The mean goes to the mean.
    CHECK((p * (shape.linear + near.mean) - far.mean).norm() < 1e-10);
  }
}

// Of a share of mass m the loss in M = 1/P is m (-log det M + tr(M^-1 Sx) + tr(M Sy)) / 2, up to a
// constant: with that of the prior it is stationary at the bridge.
TEST_CASE("what the prior adds to the loss is what the bridge of a share minimises") {
  constexpr Index d = 3;
  constexpr double kMass = 0.25, kStep = 1e-4;
  const RandomStream stream(5);
  for (const bool full : {true, false}) {
    CAPTURE(full);
    ShareMoments near{kMass, Vector::Zero(d), random_covariance(d, stream.fork(1))};
    ShareMoments far{kMass, Vector::Zero(d), random_covariance(d, stream.fork(2))};
    if (!full) {
      near.covariance = near.covariance.diagonal().eval();
      far.covariance = far.covariance.diagonal().eval();
    }
    const SharePrior prior{0.4, 0.8, 2.5};
    const PotentialShape shape = gaussian_share(near, far, prior, 1e-9);
    const auto whole = [&](const Matrix& m) { return full ? m : Matrix(m.col(0).asDiagonal()); };
    const Matrix sx = whole(near.covariance), sy = whole(far.covariance);
    const auto loss = [&](const Matrix& precision) {
      const Matrix m = whole(precision);
      return 0.5 * kMass *
                 (-std::log(m.determinant()) + (m.inverse() * sx).trace() + (m * sy).trace()) +
             prior_loss({0.0, shape.linear, precision}, prior);
    };
    for (Index i = 0; i < d; ++i) {
      for (Index j = full ? i : 0; j < (full ? d : 1); ++j) {
        Matrix change = Matrix::Zero(shape.precision.rows(), shape.precision.cols());
        change(i, j) = kStep;
        if (full) change(j, i) = kStep;
        const double above = loss(shape.precision + change), at = loss(shape.precision),
                     below = loss(shape.precision - change);
        CHECK(std::abs(above - below) / (2.0 * kStep) < 1e-6);
        CHECK(above + below > 2.0 * at);
      }
    }
  }
}

// h(x) = int phi(y) N(y; x, I) dy of one shape, by its inverse and determinant; widths on both
// sides of that from which on the kernels multiply.
TEST_CASE("log terms, outer products and sums of precisions are those of the plain formulas") {
  for (const Index d : {1, 3, 12, 21}) {
    CAPTURE(d);
    constexpr Index kRows = 300;  // more than are multiplied together
    const RandomStream stream(9);
    const Points x = normal_points(kRows, d, stream.fork(0));
    std::vector<PotentialShape> shapes;
    for (std::uint64_t k = 1; k < 3; ++k) {
      shapes.push_back({0.3, normal_points(1, d, stream.fork(10 * k)).row(0).transpose(),
                        random_covariance(d, stream.fork(10 * k + 1))});
    }
    const Matrix near = log_terms(x, shapes, BridgeSide::near),
                 far = log_terms(x, shapes, BridgeSide::far);
    const Matrix one = Matrix::Identity(d, d);
    for (Index k = 0; k < 2; ++k) {
      const PotentialShape& shape = shapes[to_size(k)];
      const Matrix lambda = shape.precision - one, inverse = shape.precision.inverse();
      const double log_determinant = std::log(shape.precision.determinant());
      for (Index i = 0; i < kRows; ++i) {
        const Vector y = x.row(i).transpose(), tilted = y + shape.linear;
        const double phi = 0.3 + shape.linear.dot(y) - 0.5 * y.dot(lambda * y);
        const double h =
            0.3 - 0.5 * log_determinant + 0.5 * (tilted.dot(inverse * tilted) - y.squaredNorm());
        CHECK(std::abs(far(i, k) - phi) < 1e-10 * (1.0 + y.squaredNorm()));
        CHECK(std::abs(near(i, k) - h) < 1e-10 * (1.0 + tilted.dot(inverse * tilted)));
      }
      const PrecisionSums sums = precision_sums(shape.precision);
      CHECK(std::abs(sums.log_determinant - log_determinant) < 1e-9);
      CHECK(std::abs(sums.inverse_trace - inverse.trace()) < 1e-9 * inverse.trace());
    }
    Matrix products = Matrix::Zero(d, d);
    for (Index i = 0; i < kRows; ++i) products += x.row(i).transpose() * x.row(i);
    CHECK((outer_products(x) - products).norm() < 1e-10);
  }
}

// With one candidate for each seed a cluster is missed for five of these streams.
TEST_CASE("clusters far apart are told from each other") {
  constexpr Index kCount = 12, kEach = 100, d = 8;
  const Points centres = 30.0 * normal_points(kCount, d, RandomStream(1));
  Points x(kCount * kEach, d);
  for (Index i = 0; i < x.rows(); ++i) x.row(i) = centres.row(i / kEach);
  x += normal_points(x.rows(), d, RandomStream(2));
  const Vector weights = Vector::Constant(x.rows(), 1.0 / static_cast<double>(x.rows()));
  Index missed = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<Index> labels = clusters(x, weights, kCount, RandomStream(seed), {});
    std::set<std::pair<Index, Index>> pairs;
    for (Index i = 0; i < x.rows(); ++i) pairs.insert({i / kEach, labels[to_size(i)]});
    missed += static_cast<Index>(pairs.size()) != kCount;
  }
  CHECK(missed == 0);
}
