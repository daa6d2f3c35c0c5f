#include "core/decompositions.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

namespace otbridge {

SymmetricEigen symmetric_eigen(const Matrix& s) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(s);
  return {eigen.eigenvalues(), eigen.eigenvectors()};
}

Vector symmetric_eigenvalues(const Matrix& s) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(s, Eigen::EigenvaluesOnly).eigenvalues();
}

SingularValues singular_values(const Matrix& m) {
  if (m.size() == 0) {
    return {Matrix::Identity(m.rows(), m.rows()), Matrix::Identity(m.cols(), m.cols()), Vector(0)};
  }
  const Eigen::JacobiSVD<Matrix> svd(m, Eigen::ComputeFullU | Eigen::ComputeFullV);
  return {svd.matrixU(), svd.matrixV(), svd.singularValues()};
}

}  // namespace otbridge
