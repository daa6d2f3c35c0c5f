#include "otbridge/metrics/bures_wasserstein.hpp"

#include <doctest/doctest.h>

#include <Eigen/QR>
#include <cmath>

#include "../relative.hpp"
#include "otbridge/core/error.hpp"

using namespace otbridge;

TEST_CASE("BW2 of 2 x 2 covariances is the closed form by trace and determinant") {
  // tr (S0^1/2 S1 S0^1/2)^1/2 = sqrt(tr S0 S1 + 2 sqrt(det S0 det S1)) in the plane.
  const Moments a{Vector{{1.0, -2.0}}, Matrix{{2.0, 0.7}, {0.7, 0.5}}};
  const Moments b{Vector{{-0.5, 0.25}}, Matrix{{0.3, -0.2}, {-0.2, 1.9}}};
  const double fidelity = std::sqrt((a.covariance * b.covariance).trace() +
                                    2.0 * std::sqrt((2.0 * 0.5 - 0.49) * (0.3 * 1.9 - 0.04)));
  const double expected = 0.5 * (a.mean - b.mean).squaredNorm() + 0.5 * (2.5 + 2.2) - fidelity;
  CHECK(bures_wasserstein2(a, b) == relative(expected, 1e-13));
  CHECK(bures_wasserstein2(b, a) == relative(expected, 1e-13));
  CHECK(bures_wasserstein2(a, a) < 1e-15);
}

TEST_CASE("BW2 of covariances with common axes is half the squared distance of the deviations") {
  const Matrix turn =
      Eigen::HouseholderQR<Matrix>(normal_points(5, 5, RandomStream(1))).householderQ();
  const Vector s{{0.0, 1.0, 2.0, 0.5, 3.0}}, t{{1.5, 0.0, 2.0, 0.1, 7.0}};  // some of them flat
  const Matrix first = turn * s.cwiseAbs2().asDiagonal() * turn.transpose();
  const Matrix second = turn * t.cwiseAbs2().asDiagonal() * turn.transpose();
  CHECK(bures_wasserstein2({Vector::Zero(5), first}, {Vector::Ones(5), second}) ==
        relative(2.5 + 0.5 * (s - t).squaredNorm(), 1e-7));
  CHECK_THROWS_AS(bures_wasserstein2({Vector::Zero(5), first}, {Vector::Zero(1), Matrix(1, 1)}),
                  InvalidInput);
}

TEST_CASE("moments of a sample are unbiased, by hand") {
  const WeightedPoints even(Points{{0.0, 1.0}, {2.0, 1.0}, {4.0, -2.0}});
  const Moments m = sample_moments(even);  // as numpy.cov: divided by 2
  CHECK(m.mean.isApprox(Vector{{2.0, 0.0}}, 1e-15));
  CHECK(m.covariance.isApprox(Matrix{{4.0, -3.0}, {-3.0, 3.0}}, 1e-14));
  // Weights 1/2, 1/4, 1/4: mean 3/2, second moment 11/4, and 1 - 3/8 for the weights.
  const WeightedPoints uneven(Points{{0.0}, {2.0}, {4.0}}, Vector{{2.0, 1.0, 1.0}});
  CHECK(sample_moments(uneven).covariance(0, 0) == relative((11.0 / 4.0) / (5.0 / 8.0), 1e-14));
  CHECK(sample_moments(WeightedPoints(Points{{3.0}})).covariance(0, 0) == 0.0);
}

TEST_CASE("the unexplained variance is 0 for the target and 100 for its mean") {
  const Moments target{Vector{{1.0, 2.0}}, Matrix{{2.0, 0.5}, {0.5, 1.0}}};
  CHECK(bw2_uvp(target, target).value() < 1e-12);
  CHECK(bw2_uvp({target.mean, Matrix::Zero(2, 2)}, target).value() == relative(100.0, 1e-14));
  // One deviation off in each coordinate of a round law in 2 dimensions: the same.
  const Moments round{Vector::Zero(2), Matrix::Identity(2, 2)};
  CHECK(bw2_uvp({Vector::Ones(2), Matrix::Identity(2, 2)}, round).value() ==
        relative(100.0, 1e-14));
  CHECK_FALSE(bw2_uvp(target, {target.mean, Matrix::Zero(2, 2)}).has_value());
}
