#include "core/decompositions.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

namespace otbridge {

SymmetricEigen symmetric_eigen(const Matrix& s) {
  // Reads the lower triangle; eigenvalues ascend.
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(s);
  return {eigen.eigenvalues(), eigen.eigenvectors()};
}

Vector symmetric_eigenvalues(const Matrix& s) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(s, Eigen::EigenvaluesOnly).eigenvalues();
}

template <class Scalar>
std::optional<RowMajor<Scalar>> symmetric_eigenvectors(const RowMajor<Scalar>& s) {
  const Eigen::SelfAdjointEigenSolver<RowMajor<Scalar>> eigen(s);
  if (eigen.info() != Eigen::Success) return std::nullopt;
  return eigen.eigenvectors();
}
template std::optional<RowMajor<float>> symmetric_eigenvectors(const RowMajor<float>&);
template std::optional<RowMajor<double>> symmetric_eigenvectors(const RowMajor<double>&);

SingularValues singular_values(const Matrix& m) {
  // A factor of rank 0 has no columns, which JacobiSVD does not take.
  if (m.size() == 0) {
    return {Matrix::Identity(m.rows(), m.rows()), Matrix::Identity(m.cols(), m.cols()), Vector(0)};
  }
  // Jacobi: slower than bidiagonalisation, safer where singular values differ in size by much.
  const Eigen::JacobiSVD<Matrix> svd(m, Eigen::ComputeFullU | Eigen::ComputeFullV);
  return {svd.matrixU(), svd.matrixV(), svd.singularValues()};
}

}  // namespace otbridge
