#include "otbridge/measure/gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

#include "core/decompositions.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

// Eigenvalues below this fraction of the largest are rounding, not spread.
constexpr double kRankTolerance = 1e-14;

// Of a diagonal matrix, which is most of those of many dimensions, in O(d^2): its entries, sorted.
SymmetricEigen decompose_diagonal(const Matrix& s) {
  const Index d = s.rows();
  std::vector<Index> order(to_size(d));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, {}, [&](Index k) { return s(k, k); });
  SymmetricEigen eigen{Vector(d), Matrix::Zero(d, d)};
  for (Index k = 0; k < d; ++k) {
    const Index from = order[to_size(k)];
    eigen.values[k] = s(from, from);
    eigen.vectors(from, k) = 1.0;
  }
  return eigen;
}

}  // namespace

Gaussian::Gaussian(Vector mean, const Matrix& covariance) : mean_(std::move(mean)) {
  const Index d = mean_.size();
  if (d == 0) throw InvalidInput("/mean", "must have at least one entry");
  // Before any work: the covariance is dense, and its decomposition takes O(d^3).
  if (d > kMostDimensions) {
    throw InvalidInput("/mean", "has " + std::to_string(d) + " entries; a Gaussian may have " +
                                    std::to_string(kMostDimensions));
  }
  if (covariance.rows() != d || covariance.cols() != d) {
    throw InvalidInput("/cov", "is " + std::to_string(covariance.rows()) + " x " +
                                   std::to_string(covariance.cols()) + ", the mean has " +
                                   std::to_string(d) + " entries");
  }
  if (!mean_.allFinite()) throw InvalidInput("/mean", "must be finite");
  if (!covariance.allFinite()) throw InvalidInput("/cov", "must be finite");
  // Tolerances are relative to the largest entry: a covariance has no unit of its own. Text files
  // of eight digits pass as symmetric.
  const double size = covariance.cwiseAbs().maxCoeff();
  const double asymmetry = (covariance - covariance.transpose()).cwiseAbs().maxCoeff();
  if (asymmetry > 1e-8 * size) {
    throw InvalidInput("/cov", "must be symmetric; the largest difference across the diagonal is " +
                                   number_text(asymmetry));
  }
  // Halves first: the sum of two variances may be beyond the doubles.
  covariance_ = 0.5 * covariance + 0.5 * covariance.transpose();
  diagonal_ = covariance_.isDiagonal(0.0);
  SymmetricEigen eigen = diagonal_ ? decompose_diagonal(covariance_) : symmetric_eigen(covariance_);
  const double smallest = eigen.values[0], largest = eigen.values[d - 1];
  // A sample covariance of fewer than d draws has eigenvalues of about -1e-16 of the largest.
  // (Written so that NaN fails too.)
  if (!(smallest >= -1e-10 * std::max(largest, size))) {
    throw InvalidInput("/cov", "must be positive semi-definite; its smallest eigenvalue is " +
                                   number_text(smallest));
  }
  eigenvectors_ = std::move(eigen.vectors);
  const double floor = kRankTolerance * static_cast<double>(d) * std::max(largest, 0.0);
  if (smallest < -floor) clipped_ = smallest;
  eigenvalues_ = (eigen.values.array() > floor).select(eigen.values, 0.0);
  rank_ = (eigenvalues_.array() > 0.0).count();
  // The symmetric square root, defined at any rank, and continuous in the covariance: draws of two
  // near laws under one seed are near each other.
  if (diagonal_) {
    const auto kept = (covariance_.diagonal().array() > floor);
    factor_ = Matrix(kept.select(covariance_.diagonal(), 0.0).cwiseSqrt().asDiagonal());
  } else {
    factor_ = eigenvectors_ * eigenvalues_.cwiseSqrt().asDiagonal() * eigenvectors_.transpose();
  }
}

Gaussian Gaussian::isotropic(Vector mean, double standard_deviation) {
  const Index d = mean.size();
  return {std::move(mean), Matrix::Identity(d, d) * (standard_deviation * standard_deviation)};
}

Points Gaussian::do_sample(Index n, const RandomStream& stream) const {
  Points x = normal_points(n, dimension(), stream);
  parallel_for(n, 1024, [&](Index begin, Index end, Index) {
    // Rows times the factor, which is its own transpose.
    auto rows = x.middleRows(begin, end - begin);
    if (diagonal_) {
      rows.array().rowwise() *= factor_.diagonal().transpose().array();
    } else {
      rows = Points(rows * factor_);
    }
    rows.rowwise() += mean_.transpose();
  });
  return x;
}

Vector Gaussian::do_log_density(ConstPoints x) const {
  if (!has_density()) return Law::do_log_density(x);
  // log N(x) = -(d log 2 pi + log det S) / 2 - |S^-1/2 (x - m)|^2 / 2, in the eigenvectors of S.
  const double constant =
      -0.5 * (static_cast<double>(dimension()) * std::log(2.0 * std::numbers::pi) +
              eigenvalues_.array().log().sum());
  const Points whitened = (x.rowwise() - mean_.transpose()) * eigenvectors_ *
                          eigenvalues_.cwiseSqrt().cwiseInverse().asDiagonal();
  return constant - 0.5 * whitened.rowwise().squaredNorm().array();
}

}  // namespace otbridge
