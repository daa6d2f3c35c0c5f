#include "otbridge/measure/measure.hpp"

#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

std::string name_of(const Law& law) { return "law of type \"" + std::string(law.type()) + "\""; }

}  // namespace

Measure::Measure(std::shared_ptr<const Law> law) : law_(std::move(law)) {
  if (law_ == nullptr) throw InvalidInput("measure", "must hold a law, not a null pointer");
}

Points Law::sample(Index n, const RandomStream& stream) const {
  if (n < 0) throw InvalidInput("samples = " + std::to_string(n), "must be >= 0");
  Points x = do_sample(n, stream);
  if (x.rows() != n || x.cols() != dimension()) {
    throw InvalidInput(name_of(*this), "drew " + std::to_string(x.rows()) +
                                           " points of dimension " + std::to_string(x.cols()) +
                                           " where " + std::to_string(n) + " of " +
                                           std::to_string(dimension()) + " were asked for");
  }
  if (x.allFinite()) return x;
  for (Index i = 0; i < n; ++i) {
    for (Index c = 0; c < x.cols(); ++c) {
      if (std::isfinite(x(i, c))) continue;
      throw InvalidInput(name_of(*this), "draw " + std::to_string(i) + ", coordinate " +
                                             std::to_string(c) + " = " + number_text(x(i, c)) +
                                             ": its parameters lead beyond the doubles");
    }
  }
  return x;
}

std::optional<Vector> Law::mean() const {
  std::optional<Vector> mean = do_mean();
  if (mean && !mean->allFinite()) mean.reset();
  return mean;
}

std::optional<Matrix> Law::covariance() const {
  std::optional<Matrix> covariance = do_covariance();
  if (covariance && !covariance->allFinite()) covariance.reset();
  return covariance;
}

Vector Law::log_density(ConstPoints x) const {
  if (x.cols() != dimension()) {
    throw InvalidInput(name_of(*this), "has dimension " + std::to_string(dimension()) +
                                           ", the points have " + std::to_string(x.cols()));
  }
  return do_log_density(x);
}

Vector Law::do_log_density(ConstPoints) const {
  throw InvalidInput(std::string(type()), "has no known density");
}

}  // namespace otbridge
