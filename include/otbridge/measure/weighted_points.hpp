// WeightedPoints: the finite law sum_i w_i delta_{x_i}. Copies share their arrays.
#pragma once

#include <vector>

#include "otbridge/measure/measure.hpp"

namespace otbridge {

class WeightedPoints final : public Law {
 public:
  // points: n x d, finite. Throws InvalidInput naming the first offending row.
  explicit WeightedPoints(Points points);  // weights 1/n
  // weights: n, finite, >= 0, not all zero; stored normalised to sum 1.
  WeightedPoints(Points points, const Vector& weights);

  const Points& points() const { return *points_; }
  const Vector& weights() const { return *weights_; }
  Index size() const { return points_->rows(); }
  // The sum of the weights that were given, before they were normalised; 1 if none were.
  double mass() const { return mass_; }
  // The rows of positive weight, ascending.
  std::vector<Index> support() const;
  bool uniform_weights() const { return uniform_; }

  std::string_view type() const override { return "points"; }
  Index dimension() const override { return points_->cols(); }
  // Independent draws with replacement, by inversion of the cumulative weights: O(n log size).

 private:
  Points do_sample(Index n, const RandomStream& stream) const override;
  std::optional<Vector> do_mean() const override;
  std::optional<Matrix> do_covariance() const override;  // population form, divides by 1

  std::shared_ptr<const Points> points_;
  std::shared_ptr<const Vector> weights_;
  double mass_ = 1.0;
  bool uniform_ = true;
};

// The rows of positive weight, and the others; both ascending.
std::vector<Index> support(const Vector& weights);
std::vector<Index> without_weight(const Vector& weights);

// The measure as a finite cloud: itself if it already is one, else n equally weighted draws.
// With the stream RandomStream(seed, Purpose::source_draw) or target_draw, every part of a program
// that discretises the same law with the same n and seed gets the same points.
WeightedPoints discretize(const Measure& measure, Index n, const RandomStream& stream);

// E|x - y|^2 / 2 for independent x ~ mu, y ~ nu: from the means and covariances where both are
// known, else from n draws of each. O(size d).
double mean_cost(const Measure& mu, const Measure& nu, Index n, std::uint64_t seed);

}  // namespace otbridge
