// Pushforward: the law of A X + b for X of another law.
#pragma once

#include "otbridge/measure/measure.hpp"

namespace otbridge {

class Pushforward final : public Law {
 public:
  // matrix: k x d with d the base's dimension; shift: k.
  Pushforward(Measure base, Matrix matrix, Vector shift);

  const Measure& base() const { return base_; }
  const Matrix& matrix() const { return matrix_; }
  const Vector& shift() const { return shift_; }

  std::string_view type() const override { return "pushforward"; }
  Index dimension() const override { return matrix_.rows(); }
  bool has_density() const override;  // base has one and the matrix is square and invertible

 private:
  Points do_sample(Index n, const RandomStream& stream) const override;
  std::optional<Vector> do_mean() const override;
  std::optional<Matrix> do_covariance() const override;
  Vector do_log_density(ConstPoints x) const override;

  Measure base_;
  Matrix matrix_;
  Vector shift_;
};

// The image of a measure, kept in its own kind where that is closed under the map: a Gaussian stays
// a Gaussian, finite points stay points; anything else becomes a Pushforward.
Measure push_forward(const Measure& base, const Matrix& matrix, const Vector& shift);

}  // namespace otbridge
