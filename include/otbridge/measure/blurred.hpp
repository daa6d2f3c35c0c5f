// Blurred: the law of ((Y - shift) / scale + sqrt(variance) Z) / decay, Y of another law and Z a
// standard normal independent of it.
//
// With the defaults it is Y with noise. Against the law of Y, as source and target of a reference
// process whose endpoint kernel is N(decay x, scale variance I), its bridge is known exactly
// (known/known_problem.hpp), which is what scale, shift and decay are there for.
#pragma once

#include "otbridge/measure/measure.hpp"

namespace otbridge {

class Blurred final : public Law {
 public:
  // variance > 0 per coordinate; scale > 0; shift: d, or empty for 0; decay > 0. Throws
  // InvalidInput "/scale = -1: must be > 0".
  Blurred(Measure law, double variance, double scale = 1.0, Vector shift = {}, double decay = 1.0);

  const Measure& law() const { return law_; }  // of Y
  double variance() const { return variance_; }
  double scale() const { return scale_; }
  const Vector& shift() const { return shift_; }  // d
  double decay() const { return decay_; }

  std::string_view type() const override { return "blurred"; }
  Index dimension() const override { return shift_.size(); }

 private:
  Points do_sample(Index n, const RandomStream& stream) const override;
  std::optional<Vector> do_mean() const override;        // where that of Y is known
  std::optional<Matrix> do_covariance() const override;  // likewise

  Measure law_;
  double variance_, scale_;
  Vector shift_;
  double decay_;
};

}  // namespace otbridge
