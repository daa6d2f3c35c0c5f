#include "core/decompositions.hpp"

#include <doctest/doctest.h>

#include "otbridge/core/random.hpp"

using namespace otbridge;

TEST_CASE("a symmetric matrix is its eigenvectors and ascending eigenvalues") {
  const Matrix half = normal_points(7, 7, RandomStream(1));
  const Matrix s = half + half.transpose();
  const auto [values, vectors] = symmetric_eigen(s);
  CHECK((vectors * values.asDiagonal() * vectors.transpose() - s).norm() < 1e-13 * s.norm());
  CHECK((vectors.transpose() * vectors - Matrix::Identity(7, 7)).norm() < 1e-13);
  for (Index i = 1; i < 7; ++i) CHECK(values[i - 1] <= values[i]);
  CHECK((symmetric_eigenvalues(s) - values).norm() < 1e-13 * s.norm());
}

TEST_CASE("any matrix is two rotations and its descending singular values") {
  for (const auto& [rows, cols] : {std::pair{3, 5}, {5, 3}, {4, 4}, {0, 3}, {3, 0}}) {
    const Matrix m = normal_points(rows, cols, RandomStream(2));
    const auto [u, v, sigma] = singular_values(m);
    REQUIRE(u.rows() == rows);
    REQUIRE(v.rows() == cols);
    REQUIRE(sigma.size() == std::min(rows, cols));
    Matrix middle = Matrix::Zero(rows, cols);
    middle.diagonal() = sigma;
    CHECK((u * middle * v.transpose() - m).norm() < 1e-13);
    CHECK((u.transpose() * u - Matrix::Identity(rows, rows)).norm() < 1e-13);
    for (Index i = 1; i < sigma.size(); ++i) CHECK(sigma[i - 1] >= sigma[i]);
  }
}
