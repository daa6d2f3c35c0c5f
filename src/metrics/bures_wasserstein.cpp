#include "otbridge/metrics/bures_wasserstein.hpp"

#include <string>

#include "core/at_least_zero.hpp"
#include "core/decompositions.hpp"
#include "metrics/distance_from_moments.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {

// L^T S1 L has the eigenvalues of S0^1/2 S1 S0^1/2.
DistanceFromMoments::DistanceFromMoments(const Moments& from)
    : mean_(from.mean), trace_(from.covariance.trace()) {
  const SymmetricEigen eigen = symmetric_eigen(from.covariance);
  factor_ = eigen.vectors * eigen.values.cwiseMax(0.0).cwiseSqrt().asDiagonal();
}

double DistanceFromMoments::operator()(const Moments& to) const {
  const Matrix product = factor_.transpose() * to.covariance * factor_;
  const double fidelity = symmetric_eigenvalues(product).cwiseMax(0.0).cwiseSqrt().sum();
  const double spread = trace_ + to.covariance.trace() - 2.0 * fidelity;
  return 0.5 * (mean_ - to.mean).squaredNorm() + 0.5 * at_least_zero(spread);
}

Moments sample_moments(const WeightedPoints& sample) {
  const Vector mean = sample.points().transpose() * sample.weights();
  const Points apart = sample.points().rowwise() - mean.transpose();
  const double independent = 1.0 - sample.weights().squaredNorm();
  const Matrix second = apart.transpose() * sample.weights().asDiagonal() * apart;
  return {mean, independent > 0.0 ? Matrix(second / independent) : second};
}

double bures_wasserstein2(const Moments& a, const Moments& b) {
  if (a.mean.size() != b.mean.size()) {
    throw InvalidInput("moments", "the dimensions " + std::to_string(a.mean.size()) + " and " +
                                      std::to_string(b.mean.size()) + " differ");
  }
  return DistanceFromMoments(a)(b);
}

std::optional<double> bw2_uvp(const Moments& moments, const Moments& target) {
  const double half_variance = 0.5 * target.covariance.trace();
  if (!(half_variance > 0.0)) return std::nullopt;
  return 100.0 * bures_wasserstein2(moments, target) / half_variance;
}

}  // namespace otbridge
