// Dense linear systems for oracles: Eigen's LU, compiled once for all tests, where it takes
// seconds.
#pragma once

#include "otbridge/core/points.hpp"

namespace otbridge::testing {

// A^-1 B and A^-1 for an invertible A, and |A|. O(d^3).
Matrix dense_solve(const Matrix& a, const Matrix& b);
Matrix dense_inverse(const Matrix& a);
double dense_determinant(const Matrix& a);

}  // namespace otbridge::testing
