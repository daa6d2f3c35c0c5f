// Random covariances of a chosen rank and size, for the tests of the Gaussian solver.
#pragma once

#include <cmath>

#include "otbridge/core/random.hpp"

namespace otbridge::testing {

// Gram and Schmidt on random columns; twice is enough for rounding (Giraud et al. 2005).
inline Matrix random_rotation(Index d, std::uint64_t seed) {
  Matrix q = normal_points(d, d, RandomStream(seed));
  for (Index j = 0; j < d; ++j) {
    for (int pass = 0; pass < 2; ++pass) {
      for (Index k = 0; k < j; ++k) q.col(j) -= q.col(k).dot(q.col(j)) * q.col(k);
    }
    q.col(j).normalize();
  }
  return q;
}

// Eigenvalues between size / spread and size, the other d - rank exactly zero.
inline Matrix random_covariance(Index d, Index rank, std::uint64_t seed, double size = 1.0,
                                double spread = 30.0) {
  const Matrix rotation = random_rotation(d, seed);
  const RandomStream levels(seed, Purpose::plot);
  Vector eigenvalues = Vector::Zero(d);
  for (Index k = 0; k < rank; ++k) {
    eigenvalues[k] = size * std::pow(spread, -levels.uniform(k, 0, 0));
  }
  const Matrix scaled = rotation * eigenvalues.asDiagonal();
  const Matrix s = scaled * rotation.transpose();
  return 0.5 * (s + s.transpose());
}

inline Vector random_vector(Index d, std::uint64_t seed) {
  return normal_points(1, d, RandomStream(seed)).row(0);
}

inline double relative_error(const Matrix& found, const Matrix& expected) {
  const double size = expected.norm();
  return size > 0.0 ? (found - expected).norm() / size : found.norm();
}

}  // namespace otbridge::testing
