// Decompositions of dense matrices: Eigen's, each compiled in one place, where it takes seconds.
#pragma once

#include <optional>

#include "otbridge/core/points.hpp"

namespace otbridge {

// S = vectors diag(values) vectors^T, values ascending. Of S only the lower triangle is read.
// O(d^3).
struct SymmetricEigen {
  Vector values;
  Matrix vectors;  // columns, orthonormal
};
SymmetricEigen symmetric_eigen(const Matrix& s);
Vector symmetric_eigenvalues(const Matrix& s);  // ascending

template <class Scalar>
using RowMajor = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
// The vectors alone, in the precision of S; none where the iteration does not converge, as of a
// matrix that is not finite.
template <class Scalar>
std::optional<RowMajor<Scalar>> symmetric_eigenvectors(const RowMajor<Scalar>& s);

// M = u diag(sigma) v^T with square u and v; sigma has min(rows, columns) entries, descending. An
// empty matrix has identities and no sigma. Two-sided Jacobi: small values keep their digits.
struct SingularValues {
  Matrix u, v;
  Vector sigma;
};
SingularValues singular_values(const Matrix& m);

}  // namespace otbridge
