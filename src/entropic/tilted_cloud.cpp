#include "entropic/tilted_cloud.hpp"

#include "core/medians.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

TiltedCloud::TiltedCloud(const Points& points, const Vector& weights, const Vector& potential,
                         double s2, LocalPrecision precision)
    : points_(points),
      s2_(s2),
      precision_(precision),
      kept_(support(weights)),
      values_(points(kept_, Eigen::all)),
      center_(coordinate_medians(values_)),
      log2_weights_((weights(kept_).array().log() * kLog2E).matrix() +
                    potential(kept_) * (kLog2E / s2)) {
  // Means are taken of what is left, and the centre added: offsets of the cloud cost no digits.
  values_.rowwise() -= center_;
}

const LocalCloud& TiltedCloud::local() const {
  std::call_once(made_, [this] { local_ = std::make_unique<const LocalCloud>(values_); });
  return *local_;
}

}  // namespace otbridge
