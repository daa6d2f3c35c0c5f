// The Gaussian coupling against algorithms that share no formula with it: the textbook expression
// in 50 digits, Sinkhorn's iteration on covariances, scalar solutions, and the optimality
// condition.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../../dense.hpp"
#include "../../relative.hpp"
#include "fifty_digits.hpp"
#include "gaussian_laws.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/solvers/gaussian.hpp"

using namespace otbridge;
using namespace otbridge::testing;

namespace {

Matrix cross_of(const Matrix& s0, const Matrix& s1, const ReferenceProcess& reference) {
  const Vector zero = Vector::Zero(s0.rows());
  return gaussian_coupling(zero, s0, zero, s1, reference).cross;
}

// A covariance whose entries are small dyadic numbers, so that its rank is exact in any arithmetic.
Matrix exact_covariance(Index d, Index rank, std::uint64_t seed) {
  const Matrix factor = (4.0 * normal_points(d, rank, RandomStream(seed))).array().round() / 8.0;
  return factor * factor.transpose();
}

// Sinkhorn's iteration on conditional covariances: given the potential of the other side, each is
//   B1 = (S1^{-1} + (a^2 / s^4) B0)^{-1},  B0 = (S0^{-1} + (a^2 / s^4) B1)^{-1},  C = (a / s^2) S0
//   B1.
Matrix iterated_cross(const Matrix& s0, const Matrix& s1, const ReferenceProcess& reference) {
  const double a = reference.endpoint_decay(), s2 = reference.endpoint_variance();
  const double weight = a * a / (s2 * s2);
  const Matrix identity = Matrix::Identity(s0.rows(), s0.rows());
  Matrix b1 = s1;
  for (int iteration = 0; iteration < 5000; ++iteration) {
    const Matrix b0 = dense_solve(identity + weight * s0 * b1, s0);
    const Matrix next = dense_solve(identity + weight * s1 * b0, s1);
    const double change = (next - b1).norm();
    b1 = next;
    if (change <= 1e-15 * b1.norm()) break;
  }
  return (a / s2) * s0 * b1;
}

}  // namespace

TEST_CASE("the scalar coupling is the golden ratio, and follows its quadratic equation") {
  const Matrix one = Matrix::Ones(1, 1);
  CHECK(cross_of(one, one, ReferenceProcess(1.0))(0, 0) ==
        relative((std::sqrt(5.0) - 1.0) / 2.0, 1e-15));
  // a c^2 + s^2 c = a s0 s1, from the optimality condition of a 2 x 2 precision matrix.
  for (const double theta : {0.0, 0.8}) {
    for (const double eps : {1e-12, 1e-3, 1.0, 1e6}) {
      const ReferenceProcess reference(eps, theta);
      const double c = cross_of(2.0 * one, 0.3 * one, reference)(0, 0);
      const double a = reference.endpoint_decay();
      CHECK(a * c * c + reference.endpoint_variance() * c == relative(a * 0.6, 1e-14));
    }
  }
}

TEST_CASE("the coupling agrees with the textbook formula in 50 digits, at any rank and epsilon") {
  double worst = 0.0;
  for (const double theta : {0.0, 0.8}) {
    for (const double eps : {1e-6, 1e-2, 1.0, 1e4}) {
      for (const Index d : {1, 2, 3, 4}) {
        for (Index r0 = 0; r0 <= d; ++r0) {
          for (Index r1 = 0; r1 <= d; ++r1) {
            const auto seed = static_cast<std::uint64_t>(100 * d + 10 * r0 + r1);
            const Matrix s0 = exact_covariance(d, r0, seed);
            const Matrix s1 = exact_covariance(d, r1, seed + 5000);
            const ReferenceProcess reference(eps, theta);
            const Matrix found = cross_of(s0, s1, reference);
            if (s0.isZero(0.0) || s1.isZero(0.0)) {
              CHECK(found.isZero(0.0));
            } else {
              worst = std::max(worst, relative_error(found, textbook_cross(s0, s1, reference)));
            }
          }
        }
      }
    }
  }
  CHECK(worst <= 1e-10);
}

TEST_CASE("the coupling is the fixed point of Sinkhorn's iteration, d = 1..100, any rank") {
  double worst = 0.0;
  for (const double theta : {0.0, 0.8}) {
    const ReferenceProcess reference(1.0, theta);
    for (const Index d : {1, 2, 3, 5, 10, 30, 100}) {
      for (const Index r0 : {Index{1}, (d + 1) / 2, d - 1, d}) {
        for (const Index r1 : {Index{1}, d / 3 + 1, d}) {
          if (r0 == 0) continue;
          const Matrix s0 = random_covariance(d, r0, static_cast<std::uint64_t>(d + r0));
          const Matrix s1 = random_covariance(d, r1, static_cast<std::uint64_t>(900 + d + r1), 3.0);
          worst = std::max(worst, relative_error(cross_of(s0, s1, reference),
                                                 iterated_cross(s0, s1, reference)));
        }
      }
    }
  }
  CHECK(worst <= 1e-10);
}

TEST_CASE("commuting covariances decouple into scalars, every rank of d = 1..100") {
  double worst = 0.0;
  for (const double theta : {0.0, 0.8}) {
    const ReferenceProcess reference(0.05, theta);
    const long double a = std::exp(-static_cast<long double>(theta));
    const long double s2 = theta > 0.0 ? 0.05L * (1 - a * a) / (2 * 0.8L) : 0.05L;
    for (const Index d : {1, 2, 7, 20, 50, 100}) {
      const Matrix rotation = random_rotation(d, static_cast<std::uint64_t>(d));
      for (Index rank = 0; rank <= d; rank += std::max<Index>(1, d / 6)) {
        Vector p = Vector::Zero(d), r = Vector::Zero(d), c = Vector::Zero(d);
        for (Index k = 0; k < rank; ++k) p[k] = 0.1 + static_cast<double>(k % 11);
        for (Index k = d - 1; k >= d / 4; --k) r[k] = 0.2 + static_cast<double>(k % 7);
        for (Index k = 0; k < d; ++k) {
          const long double product = static_cast<long double>(p[k]) * r[k];
          c[k] = static_cast<double>(2 * a * product /
                                     (s2 + std::sqrt(s2 * s2 + 4 * a * a * product)));
        }
        const auto turned = [&](const Vector& v) -> Matrix {
          return rotation * v.asDiagonal() * rotation.transpose();
        };
        const Matrix found = cross_of(turned(p), turned(r), reference);
        const double size = std::max(1e-300, std::sqrt(p.norm() * r.norm()));
        worst = std::max(worst, (found - turned(c)).norm() / std::max(size, turned(c).norm()));
      }
    }
  }
  CHECK(worst <= 1e-10);
}

TEST_CASE("optimality: the joint precision has the off-diagonal block -(a / s^2) I") {
  for (const double theta : {0.0, 0.8}) {
    for (const Index d : {2, 10, 40}) {
      const ReferenceProcess reference(0.7, theta);
      const Matrix s0 = random_covariance(d, d, 3), s1 = random_covariance(d, d, 4);
      const Matrix c = cross_of(s0, s1, reference);
      Matrix joint(2 * d, 2 * d);
      joint << s0, c, c.transpose(), s1;
      const Matrix block = dense_inverse(joint).topRightCorner(d, d);
      const double expected = -reference.endpoint_decay() / reference.endpoint_variance();
      CHECK((block - expected * Matrix::Identity(d, d)).cwiseAbs().maxCoeff() < 1e-10 * double(d));
    }
  }
}

TEST_CASE("units do not matter: covariances of 1e12 and 1e-12 are the same problem") {
  const Matrix s0 = random_covariance(5, 3, 1), s1 = random_covariance(5, 5, 2);
  const Matrix expected = cross_of(s0, s1, ReferenceProcess(0.3, 0.8));
  for (const double unit : {1e-150, 1e-12, 1e12, 1e150}) {
    const Matrix found = cross_of(unit * s0, unit * s1, ReferenceProcess(0.3 * unit, 0.8)) / unit;
    CHECK(relative_error(found, expected) < 1e-12);
  }
  const Matrix mixed = cross_of(1e12 * s0, 1e-12 * s1, ReferenceProcess(0.3, 0.8));
  CHECK(relative_error(mixed, expected) < 1e-12);
}

TEST_CASE("the limits: exact transport as epsilon falls, independence as it grows") {
  // Full rank, epsilon -> 0: C = S0 T with T the Gaussian Monge map, T S0 T = S1.
  const Matrix s0 = random_covariance(4, 4, 1), s1 = random_covariance(4, 4, 2);
  for (const double eps : {1e-14, 1e-100, 1e-300}) {
    const Matrix map = dense_solve(s0, cross_of(s0, s1, ReferenceProcess(eps)));
    CHECK(relative_error(map, map.transpose()) < 1e-10);
    CHECK(relative_error(map * s0 * map, s1) < 1e-10);
  }
  const Matrix far = cross_of(s0, s1, ReferenceProcess(1e100));
  CHECK(relative_error(1e100 * far, s0 * s1) < 1e-14);
}

TEST_CASE("what is no pair of Gaussian laws is refused") {
  const Vector zero = Vector::Zero(2);
  const Matrix one = Matrix::Identity(2, 2);
  const ReferenceProcess reference(1.0);
  CHECK_THROWS_AS(gaussian_coupling(zero, -one, zero, one, reference), InvalidInput);
  CHECK_THROWS_AS(gaussian_coupling(zero, one, Vector::Zero(3), Matrix::Identity(3, 3), reference),
                  InvalidInput);
  CHECK_THROWS_WITH_AS(
      gaussian_coupling(zero, 1e200 * one, zero, 1e200 * one, ReferenceProcess(1e-200)),
      "/reference/epsilon = 1e-200: the covariances divided by it overflow; take a larger epsilon",
      InvalidInput);
}
