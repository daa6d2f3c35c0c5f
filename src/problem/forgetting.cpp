#include "otbridge/problem/forgetting.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/measure/gaussian.hpp"

namespace otbridge {
namespace {

bool is_invariant(const Law& law, double variance) {
  const auto* gaussian = dynamic_cast<const Gaussian*>(&law);
  if (gaussian == nullptr) return false;
  const Index d = law.dimension();
  const double off = (gaussian->spread() - variance * Matrix::Identity(d, d)).cwiseAbs().maxCoeff();
  constexpr double kNear = 1e-6;
  return off <= kNear * variance &&
         gaussian->center().cwiseAbs().maxCoeff() <= kNear * std::sqrt(variance);
}

}  // namespace

std::optional<Forgetting> forgetting(const TransportProblem& problem, double tolerance) {
  if (!(tolerance > 0.0 && tolerance < 1.0)) {
    throw InvalidInput("tolerance = " + number_text(tolerance), "must be within (0, 1)");
  }
  const double theta = problem.reference().theta();
  const double v = problem.reference().epsilon() / (2.0 * theta);
  // No invariant law, or none within the doubles.
  if (!(v > 0.0 && std::isfinite(v))) return {};
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    if (!is_invariant(*problem.start(opposite(direction)), v)) continue;
    const Measure& data = problem.start(direction);
    const auto mean = data->mean();
    const auto covariance = data->covariance();
    if (!mean || !covariance) return {};
    // E|X_0|^2 / v
    const double distance = (mean->squaredNorm() + covariance->trace()) / v;
    const double a2 = std::exp(-2.0 * theta), kept = -std::expm1(-2.0 * theta);
    // k - 1 - log k = -a^2 - log(1 - a^2), the logarithm by the form that keeps its digits;
    // rounding below 0 is cut off.
    const double narrower = std::max(0.0, -a2 - (a2 < 0.5 ? std::log1p(-a2) : std::log(kept)));
    const auto d = static_cast<double>(problem.dimension());
    Forgetting result{direction, 0.5 * (d * narrower + a2 * distance), 0.0, tolerance, 0.0};
    result.total_variation = std::min(1.0, std::sqrt(0.5 * result.kl));
    // 2 Phi(q) - 1 = erf(q / sqrt 2).
    const double q = std::numbers::sqrt2 * boost::math::erf_inv(tolerance);
    result.horizon = std::max(0.0, (0.5 * std::log(distance) - std::log(2.0 * q)) / theta);
    return result;
  }
  return {};
}

}  // namespace otbridge
