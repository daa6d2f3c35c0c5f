#include "otbridge/measure/pushforward.hpp"

#include <Eigen/LU>
#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

Pushforward::Pushforward(Measure base, Matrix matrix, Vector shift)
    : base_(std::move(base)), matrix_(std::move(matrix)), shift_(std::move(shift)) {
  if (matrix_.cols() != base_->dimension() || matrix_.rows() != shift_.size() ||
      shift_.size() == 0) {
    throw InvalidInput("/transforms", "a map of " + std::to_string(matrix_.cols()) + " to " +
                                          std::to_string(matrix_.rows()) +
                                          " coordinates does not fit the base of dimension " +
                                          std::to_string(base_->dimension()));
  }
  if (!matrix_.allFinite() || !shift_.allFinite())
    throw InvalidInput("/transforms", "must be finite");
}

Points Pushforward::do_sample(Index n, const RandomStream& stream) const {
  return (base_->sample(n, stream) * matrix_.transpose()).rowwise() + shift_.transpose();
}

std::optional<Vector> Pushforward::do_mean() const {
  const auto base = base_->mean();
  if (!base) return std::nullopt;
  return matrix_ * *base + shift_;
}

std::optional<Matrix> Pushforward::do_covariance() const {
  const auto base = base_->covariance();
  if (!base) return std::nullopt;
  // Cov(A X + b) = A Cov(X) A^T.
  return matrix_ * *base * matrix_.transpose();
}

bool Pushforward::has_density() const {
  return base_->has_density() && matrix_.rows() == matrix_.cols() &&
         // Full pivots tell the rank; a law on a subspace has no density.
         Eigen::FullPivLU<Matrix>(matrix_).isInvertible();
}

Vector Pushforward::do_log_density(ConstPoints x) const {
  if (!has_density()) return Law::do_log_density(x);
  const Eigen::FullPivLU<Matrix> lu(matrix_);
  const Points preimage = lu.solve((x.rowwise() - shift_.transpose()).transpose()).transpose();
  // The change of variables: p(x) = p_base(A^-1 (x - b)) / |det A|, det from the diagonal of U.
  const double log_volume = lu.matrixLU().diagonal().cwiseAbs().array().log().sum();
  return base_->log_density(preimage).array() - log_volume;
}

Measure push_forward(const Measure& base, const Matrix& matrix, const Vector& shift) {
  // Closed kinds first: solvers ask a law for its kind, and `gaussian` would refuse a pushforward.
  if (const auto* gaussian = base.as<Gaussian>()) {
    return Gaussian(matrix * gaussian->center() + shift,
                    matrix * gaussian->spread() * matrix.transpose());
  }
  if (const auto* cloud = base.as<WeightedPoints>()) {
    Points moved = (cloud->points() * matrix.transpose()).rowwise() + shift.transpose();
    if (cloud->uniform_weights()) return WeightedPoints(std::move(moved));
    return WeightedPoints(std::move(moved), cloud->weights());
  }
  return Pushforward(base, matrix, shift);
}

}  // namespace otbridge
