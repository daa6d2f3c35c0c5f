#include "dense.hpp"

#include <Eigen/LU>

namespace otbridge::testing {

Matrix dense_solve(const Matrix& a, const Matrix& b) { return a.partialPivLu().solve(b); }
Matrix dense_inverse(const Matrix& a) { return a.partialPivLu().inverse(); }
double dense_determinant(const Matrix& a) { return a.partialPivLu().determinant(); }

}  // namespace otbridge::testing
