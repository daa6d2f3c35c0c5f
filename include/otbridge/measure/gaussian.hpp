// Gaussian: N(m, S) with S symmetric positive semi-definite of any rank.
#pragma once

#include "otbridge/measure/measure.hpp"

namespace otbridge {

class Gaussian final : public Law {
 public:
  static constexpr Index kMostDimensions = 4096;

  // mean: d <= kMostDimensions, covariance: d x d. O(d^3), of a diagonal covariance O(d^2). Throws
  // InvalidInput if the covariance is asymmetric beyond 1e-8 relative or has an eigenvalue below
  // -1e-10 of the largest; smaller negatives are set to zero.
  Gaussian(Vector mean, const Matrix& covariance);
  static Gaussian isotropic(Vector mean, double standard_deviation);

  const Vector& center() const { return mean_; }
  const Matrix& spread() const { return covariance_; }
  const Matrix& factor() const { return factor_; }  // d x d symmetric, factor factor^T = S
  Index rank() const { return rank_; }
  // The eigenvalue furthest below 0 that was set to zero, beyond rounding; 0 if there was none.
  double clipped() const { return clipped_; }

  std::string_view type() const override { return "gaussian"; }
  Index dimension() const override { return mean_.size(); }
  bool has_density() const override { return rank_ == mean_.size(); }

 private:
  Points do_sample(Index n, const RandomStream& stream) const override;
  std::optional<Vector> do_mean() const override { return mean_; }
  std::optional<Matrix> do_covariance() const override { return covariance_; }
  Vector do_log_density(ConstPoints x) const override;

  Vector mean_;
  Matrix covariance_, factor_, eigenvectors_;
  Vector eigenvalues_;
  Index rank_ = 0;
  double clipped_ = 0.0;
  bool diagonal_ = false;  // the covariance is
};

}  // namespace otbridge
