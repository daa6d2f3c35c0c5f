#include "otbridge/measure/blurred.hpp"

#include <cmath>
#include <string>

#include "measure/positive.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {

Blurred::Blurred(Measure law, double variance, double scale, Vector shift, double decay)
    : law_(std::move(law)),
      variance_(variance),
      scale_(scale),
      shift_(std::move(shift)),
      decay_(decay) {
  check_positive("/variance", variance_);
  check_positive("/scale", scale_);
  check_positive("/decay", decay_);
  if (shift_.size() == 0) shift_ = Vector::Zero(law_->dimension());
  if (shift_.size() != law_->dimension()) {
    throw InvalidInput("/shift", "has " + std::to_string(shift_.size()) +
                                     " entries, the law has dimension " +
                                     std::to_string(law_->dimension()));
  }
  if (!shift_.allFinite()) throw InvalidInput("/shift", "must be finite");
}

Points Blurred::do_sample(Index n, const RandomStream& stream) const {
  const Points y = law_->sample(n, stream.fork(0));
  const Points noise = normal_points(n, dimension(), stream.fork(1));
  return ((y.rowwise() - shift_.transpose()) / scale_ + std::sqrt(variance_) * noise) / decay_;
}

std::optional<Vector> Blurred::do_mean() const {
  const auto mean = law_->mean();
  if (!mean) return std::nullopt;
  return (*mean - shift_) / (scale_ * decay_);
}

std::optional<Matrix> Blurred::do_covariance() const {
  auto covariance = law_->covariance();
  if (!covariance) return std::nullopt;
  *covariance /= scale_ * scale_;
  covariance->diagonal().array() += variance_;
  return *covariance / (decay_ * decay_);
}

}  // namespace otbridge
