// Mixture: sum_k w_k law_k, of any laws of one dimension.
#pragma once

#include <vector>

#include "otbridge/measure/measure.hpp"

namespace otbridge {

class Mixture final : public Law {
 public:
  // weights >= 0, not all zero; stored normalised. Throws InvalidInput on mismatch.
  Mixture(Vector weights, std::vector<Measure> components);

  const Vector& weights() const { return weights_; }
  const std::vector<Measure>& components() const { return components_; }

  std::string_view type() const override { return "mixture"; }
  Index dimension() const override { return components_.front()->dimension(); }
  bool has_density() const override;

 private:
  Points do_sample(Index n, const RandomStream& stream) const override;
  std::optional<Vector> do_mean() const override;
  std::optional<Matrix> do_covariance() const override;
  Vector do_log_density(ConstPoints x) const override;

  Vector weights_;
  std::vector<Measure> components_;
};

}  // namespace otbridge
