#include "otbridge/measure/uniform.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

constexpr double kOutside = -std::numeric_limits<double>::infinity();

void check_center(const Vector& center) {
  if (center.size() == 0 || !center.allFinite()) {
    throw InvalidInput("/center", "must hold at least one number, all finite");
  }
}

void check_radius(double radius) {
  if (!(std::isfinite(radius) && radius > 0.0)) {
    throw InvalidInput("/radius = " + number_text(radius), "must be a finite number > 0");
  }
}

// Uniform directions: normalised Gaussians.
Points directions(Index n, Index d, const RandomStream& stream) {
  Points z = normal_points(n, d, stream);
  // The normal law is invariant under rotations (Muller 1959).
  for (Index i = 0; i < n; ++i) z.row(i).normalize();
  return z;
}

}  // namespace

UniformBox::UniformBox(Vector low, Vector high) : low_(std::move(low)), high_(std::move(high)) {
  if (low_.size() == 0 || low_.size() != high_.size()) {
    throw InvalidInput("/high", "low and high must have the same number of entries, at least 1");
  }
  for (Index c = 0; c < low_.size(); ++c) {
    // The width too: of -1e308 to 1e308 it is beyond the doubles.
    if (std::isfinite(low_[c]) && std::isfinite(high_[c] - low_[c]) && low_[c] < high_[c]) continue;
    throw InvalidInput(
        "/high/" + std::to_string(c) + " = " + number_text(high_[c]),
        "must be > low = " + number_text(low_[c]) + ", both and their difference finite");
  }
}

Points UniformBox::do_sample(Index n, const RandomStream& stream) const {
  Points x(n, dimension());
  for (Index i = 0; i < n; ++i) {
    for (Index c = 0; c < dimension(); ++c) {
      x(i, c) = low_[c] + (high_[c] - low_[c]) * stream.uniform(i, 0, c);
    }
  }
  return x;
}

std::optional<Vector> UniformBox::do_mean() const { return 0.5 * (low_ + high_); }

std::optional<Matrix> UniformBox::do_covariance() const {
  // Of an interval of length l: l^2 / 12.
  return Matrix(((high_ - low_).cwiseAbs2() / 12.0).asDiagonal());
}

Vector UniformBox::do_log_density(ConstPoints x) const {
  const double inside = -(high_ - low_).array().log().sum();
  Vector result(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    const auto row = x.row(i).transpose().array();
    result[i] = (row >= low_.array()).all() && (row <= high_.array()).all() ? inside : kOutside;
  }
  return result;
}

UniformBall::UniformBall(Vector center, double radius)
    : center_(std::move(center)), radius_(radius) {
  check_center(center_);
  check_radius(radius_);
}

Points UniformBall::do_sample(Index n, const RandomStream& stream) const {
  Points x = directions(n, dimension(), stream.fork(0));
  const RandomStream radial = stream.fork(1);
  // The share of volume within r is (r / radius)^d; invert it at a uniform number.
  const double power = 1.0 / static_cast<double>(dimension());
  for (Index i = 0; i < n; ++i) {
    x.row(i) *= radius_ * std::pow(radial.uniform(i, 0, 0), power);
    x.row(i) += center_.transpose();
  }
  return x;
}

std::optional<Matrix> UniformBall::do_covariance() const {
  const Index d = dimension();
  // E r^2 = R^2 d / (d + 2), spread evenly over d coordinates.
  return Matrix(Matrix::Identity(d, d) * (radius_ * radius_ / static_cast<double>(d + 2)));
}

Vector UniformBall::do_log_density(ConstPoints x) const {
  const double d = static_cast<double>(dimension());
  // pi^(d/2) R^d / Gamma(d/2 + 1), in logarithms: in 300 dimensions it is below the doubles.
  const double log_volume =
      0.5 * d * std::log(std::numbers::pi) - std::lgamma(0.5 * d + 1.0) + d * std::log(radius_);
  Vector result(x.rows());
  for (Index i = 0; i < x.rows(); ++i) {
    result[i] = (x.row(i).transpose() - center_).norm() <= radius_ ? -log_volume : kOutside;
  }
  return result;
}

Sphere::Sphere(Vector center, double radius, double noise)
    : center_(std::move(center)), radius_(radius), noise_(noise) {
  check_center(center_);
  check_radius(radius_);
  if (!(std::isfinite(noise_) && noise_ >= 0.0)) {
    throw InvalidInput("/noise = " + number_text(noise_), "must be a finite number >= 0");
  }
}

Points Sphere::do_sample(Index n, const RandomStream& stream) const {
  const Points surface = radius_ * directions(n, dimension(), stream.fork(0));
  const Points jitter = noise_ * normal_points(n, dimension(), stream.fork(1));
  return (surface + jitter).rowwise() + center_.transpose();
}

std::optional<Matrix> Sphere::do_covariance() const {
  const Index d = dimension();
  return Matrix(Matrix::Identity(d, d) *
                // |u|^2 = 1 spread evenly over d coordinates, and the independent noise.
                (radius_ * radius_ / static_cast<double>(d) + noise_ * noise_));
}

}  // namespace otbridge
