#include "known/blurred_plan.hpp"

#include <cmath>
#include <numbers>

#include "measure/moments.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

constexpr Index kEntropyDraws = 10000;  // from which the entropy of the source is estimated
constexpr Index kErrorDraws = 2000;     // and the error of the map

RandomStream value_stream() { return RandomStream(0, Purpose::metrics).fork(0x1a3); }

const Blurred& blur_of(const TransportProblem& problem) { return *problem.source().as<Blurred>(); }

}  // namespace

BlurredPlan::BlurredPlan(const TransportProblem& problem)
    : TransportPlan(problem),
      Potentials(problem.dimension()),
      Drift(problem.dimension()),
      Conditionals(problem.dimension()),
      Density(problem.dimension()),
      a_(problem.reference().endpoint_decay()),
      s2_(problem.reference().endpoint_variance()),
      r_(blur_of(problem).scale()),
      c_(blur_of(problem).shift()),
      posterior_(posterior_of(problem.target(), r_ * s2_)) {
  measure();
}

PlanState BlurredPlan::state() const { return {std::string(name()), {}, {}}; }

Points BlurredPlan::observed(ConstPoints x) const {
  return (r_ * a_ * x).rowwise() + c_.transpose();
}

Points BlurredPlan::do_map(ConstPoints x, Direction direction) const {
  return direction == Direction::forward ? posterior_->mean(observed(x), r_ * s2_)
                                         : Points((x.rowwise() - c_.transpose()) / (r_ * a_));
}

Points BlurredPlan::do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                              Index first_row) const {
  if (direction == Direction::forward) {
    return posterior_->sample(observed(x), r_ * s2_, stream, first_row);
  }
  Points drawn = do_map(x, direction);
  const double deviation = std::sqrt(s2_ / r_) / a_;
  drawn += deviation * normal_points(x.rows(), x.cols(), stream, 0, first_row);
  return drawn;
}

std::optional<Matrix> BlurredPlan::do_covariance(ConstPoints x, Direction direction) const {
  if (direction == Direction::forward) return posterior_->covariance(observed(x), r_ * s2_);
  return s2_ / (r_ * a_ * a_) * Matrix::Identity(x.cols(), x.cols());
}

std::optional<Vector> BlurredPlan::do_log_density(ConstPoints x, ConstPoints y,
                                                  Direction direction) const {
  if (direction == Direction::forward) {
    return posterior_->log_conditional(observed(x), y, r_ * s2_);
  }
  const double variance = s2_ / (r_ * a_ * a_);
  const Vector squares = (y - do_map(x, direction)).rowwise().squaredNorm();
  return -0.5 / variance * squares.array() -
         0.5 * static_cast<double>(x.cols()) * std::log(2.0 * std::numbers::pi * variance);
}

LogDensity BlurredPlan::do_log_at(ConstPoints y, Direction direction,
                                  const DensitySettings&) const {
  if (direction == Direction::forward) {
    if (!problem().target()->has_density()) {
      throw InvalidInput(place(direction, name()), "the target has none in closed form");
    }
    return {problem().target()->log_density(y), {}};
  }
  if (posterior_->standard_error(observed(y), r_ * s2_)) {
    throw InvalidInput(place(direction, name()), "it would rest on draws of the target");
  }
  return {log_source(y), {}};
}

// X_0 = (W - c) / (r a) for W = Y + sqrt(r s^2) Z.
Vector BlurredPlan::log_source(ConstPoints x) const {
  return posterior_->log_density(observed(x), r_ * s2_).array() +
         static_cast<double>(x.cols()) * std::log(r_ * a_);
}

// log N(x; (y - c) / (r a), s^2 / (r a^2)) = (f(x) + g(y) - |y - a x|^2 / 2) / s^2 + log mu(x):
// what depends on x alone, without log mu, and what depends on y alone.
double BlurredPlan::quadratic_f(const Vector& x) const {
  return -0.5 * (r_ - 1.0) * a_ * a_ * x.squaredNorm() - a_ * x.dot(c_);
}
double BlurredPlan::quadratic_g(const Vector& y) const {
  return 0.5 * y.squaredNorm() - 0.5 * (y - c_).squaredNorm() / r_;
}

Vector BlurredPlan::do_f(ConstPoints x) const {
  Vector f = -s2_ * log_source(x);
  for (Index i = 0; i < x.rows(); ++i) f[i] += quadratic_f(x.row(i)) + constant_f_;
  return f;
}

Vector BlurredPlan::do_g(ConstPoints y) const {
  Vector g(y.rows());
  for (Index i = 0; i < y.rows(); ++i) g[i] = quadratic_g(y.row(i)) + constant_g_;
  return g;
}

// Constants and values, from draws of the coupling: E_mu f = 0 and KL(pi | mu x nu) =
// h(mu) - h(N(0, s^2 / (r a^2) I)) with h(mu) = -E log mu.
void BlurredPlan::measure() {
  const Points y = problem().target()->sample(kEntropyDraws, value_stream().fork(0));
  const Points x = do_sample(y, Direction::backward, value_stream().fork(1), 0);
  const Vector log_mu = log_source(x);
  Vector quadratic(x.rows());
  for (Index i = 0; i < x.rows(); ++i) quadratic[i] = quadratic_f(x.row(i));
  const double entropy = -log_mu.mean();
  constant_f_ = -s2_ * entropy - quadratic.mean();
  const auto d = static_cast<double>(x.cols());
  const double noise = s2_ / (r_ * a_ * a_);
  constant_g_ = -0.5 * s2_ * d * std::log(2.0 * std::numbers::pi * noise) - constant_f_;

  // X_1 - a X_0 = (1 - 1/r) Y + c / r - sqrt(s^2 / r) Z.
  const MeanSpread target = mean_spread(*problem().target(), kEntropyDraws, value_stream().fork(2));
  const double stretch = 1.0 - 1.0 / r_;
  values_.value_linear = 0.5 * ((stretch * target.mean + c_ / r_).squaredNorm() +
                                stretch * stretch * target.spread + d * s2_ / r_);
  values_.kl = entropy - 0.5 * d * std::log(2.0 * std::numbers::pi * std::numbers::e * noise);
  const double scatter =
      std::sqrt((log_mu.array() + entropy).square().mean() / double(kEntropyDraws));
  values_.kl_error = std::hypot(
      scatter, posterior_->log_density_error(observed(x.topRows(kErrorDraws)), r_ * s2_));
  values_.map_error = posterior_->standard_error(observed(x.topRows(kErrorDraws)), r_ * s2_);
}

Points BlurredPlan::do_at(double t, ConstPoints x, Direction direction) const {
  return direction == Direction::forward ? forward_drift(t, x) : backward_drift(t, x);
}

// -theta x + eps grad log h(t, x), h(t, x) = int exp(g(y) / s^2) N(y; a_1t x, v_1t) nu(dy). With
// the quadratic of g the weights are again those of an observation, y + sqrt(omega) z = w, and
// (E[y] - a_1t x) / v_1t is (omega / v_1t) (score(w) + a_1t x (1 - 1/r) / s^2 + c / (r s^2)).
Points BlurredPlan::forward_drift(double t, ConstPoints x) const {
  const ReferenceProcess& reference = problem().reference();
  if (t == 1.0 && !posterior_->bounded()) {
    throw InvalidInput("t = " + number_text(t), "the forward drift needs 0 <= t < 1");
  }
  const double a = reference.decay(1.0 - t), v = reference.variance(1.0 - t);
  const double ratio = 1.0 / (1.0 + v * (1.0 / r_ - 1.0) / s2_);  // omega / v
  const Points pull = (a * (1.0 - 1.0 / r_) / s2_ * x).rowwise() + (c_ / (r_ * s2_)).transpose();
  const Points w = a * x + ratio * v * pull;
  return reference.epsilon() * a * ratio * (posterior_->score(w, ratio * v) + pull) -
         reference.theta() * x;
}

// theta x + eps grad log int exp(f(x0) / s^2) N(x; a_t x0, v_t) mu(dx0), whose integrand is
// Gaussian: with k = (r - 1) a^2 / s^2 the gradient is -(a_t a c / s^2 + k x) / (a_t^2 + k v_t).
Points BlurredPlan::backward_drift(double t, ConstPoints x) const {
  const ReferenceProcess& reference = problem().reference();
  const double a = reference.decay(t), v = reference.variance(t);
  const double k = (r_ - 1.0) * a_ * a_ / s2_;
  const double rate = reference.epsilon() / (a * a + k * v);
  return ((reference.theta() - rate * k) * x).rowwise() - (rate * a * a_ / s2_ * c_).transpose();
}

}  // namespace otbridge
