#include "solvers/gaussian/plan.hpp"

#include <cmath>
#include <numbers>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

// body(i, row i) for every row. One row at a time: a product with a whole batch would round a row
// differently in different batches.
template <class Body>
void for_rows(ConstPoints x, Body&& body) {
  constexpr Index kRowsPerChunk = 256;
  parallel_for(x.rows(), kRowsPerChunk, [&](Index begin, Index end, Index) {
    for (Index i = begin; i < end; ++i) body(i, Vector(x.row(i)));
  });
}

}  // namespace

double GaussianPlan::Quadratic::at(const Vector& x) const {
  const Vector along = basis.transpose() * (x - about);
  return 0.5 * ((scale * x - center).squaredNorm() - along.cwiseAbs2().dot(curvature)) + constant;
}

double GaussianPlan::Quadratic::mean(const Matrix& covariance) const {
  const Vector along = (basis.transpose() * covariance * basis).diagonal();
  const double spread = scale * scale * covariance.trace() - along.dot(curvature);
  return 0.5 * ((scale * about - center).squaredNorm() + spread) + constant;
}

// f(x) = |a x - m1|^2 / 2 - a^2 (x - m0)^T B1 (x - m0) / (2 s^2) + constant, whose gradient is
// -a (E[X_1 | x] - a x), the first-order condition of a potential; g is its mirror image. The
// constants: E_mu f = 0, and f + g - c = s^2 KL at the means, where d pi / d(mu x nu) is
// 1 / sqrt(det(I - rho^2)).
GaussianPlan::GaussianPlan(const TransportProblem& problem, GaussianBridge bridge)
    : TransportPlan(problem),
      Potentials(problem.dimension()),
      Drift(problem.dimension()),
      Conditionals(problem.dimension()),
      Density(problem.dimension()),
      bridge_(std::move(bridge)) {
  const double a = problem.reference().endpoint_decay();
  const double s2 = problem.reference().endpoint_variance();
  const GaussianCoupling& joint = bridge_.coupling;
  const Vector& m0 = joint.mean_source;
  const Vector& m1 = joint.mean_target;
  f_ = {a, m1, m0, bridge_.target.basis, a * a * bridge_.target.variances, 0.0};
  g_ = {1.0, a * m0, m1, bridge_.source.basis, a * a * bridge_.source.variances, 0.0};
  f_.constant = -f_.mean(joint.cov_source);
  g_.constant = s2 * bridge_.kl - 0.5 * (m1 - a * m0).squaredNorm() - f_.constant;
}

double GaussianPlan::dual_value() const {
  return f_.mean(bridge_.coupling.cov_source) + g_.mean(bridge_.coupling.cov_target);
}

PlanState GaussianPlan::state() const {
  const GaussianCoupling& joint = bridge_.coupling;
  PlanState state;
  state.solver = name();
  state.arrays = {{"mean_source", joint.mean_source},
                  {"cov_source", joint.cov_source},
                  {"mean_target", joint.mean_target},
                  {"cov_target", joint.cov_target}};
  return state;
}

// E[far | near = x] = m_far + (a / s^2) B (x - m_near), in the principal directions of B.
Points GaussianPlan::do_map(ConstPoints x, Direction direction) const {
  const double a = problem().reference().endpoint_decay();
  const ConditionalSpread& far = far_spread(direction);
  Points mapped(x.rows(), x.cols());
  for_rows(x, [&](Index i, const Vector& row) {
    const Vector along = far.basis.transpose() * (row - near_mean(direction));
    mapped.row(i) = far_mean(direction) + far.basis * (a * far.variances.cwiseProduct(along));
  });
  return mapped;
}

Points GaussianPlan::do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                               Index first_row) const {
  const ConditionalSpread& far = far_spread(direction);
  const Vector deviations =
      std::sqrt(problem().reference().endpoint_variance()) * far.variances.cwiseSqrt();
  Points drawn = do_map(x, direction);
  const Points z = normal_points(x.rows(), x.cols(), stream, 0, first_row);
  for_rows(drawn, [&](Index i, const Vector& mean) {
    drawn.row(i) = mean + far.basis * deviations.cwiseProduct(z.row(i).transpose());
  });
  return drawn;
}

Vector GaussianPlan::values(const Quadratic& potential, ConstPoints x) const {
  Vector result(x.rows());
  for_rows(x, [&](Index i, const Vector& row) { result[i] = potential.at(row); });
  return result;
}

// -theta x + eps grad log h forward, theta x + eps grad log h backward, h the likelihood of the far
// potential: eps a' (E[far | X_t = x] - a' x) / v' with its pole at the far end cancelled by hand.
// With b the variances of the far end given the near one in units of s^2, eps grad log h is
//   forward    eps (a_1t / s^2) (m1 - a m0) - sum_k slope_k basis_k basis_k . (x - m_t),
//              slope = eps a_1t^2 (1 - b) / (v_1t + a_1t^2 v_t b);
//   backward  -eps (a_1t / s^2) (m1 - a m0) - sum_k slope_k basis_k basis_k . (x - m_t),
//              slope = eps (1 - a^2 b) / (v_t + a_t^2 v_1t b).
Points GaussianPlan::do_at(double t, ConstPoints x, Direction direction) const {
  const ReferenceProcess& reference = problem().reference();
  const double a = reference.endpoint_decay(), s2 = reference.endpoint_variance();
  const double a_t = reference.decay(t), v_t = reference.variance(t);
  const double a_1t = reference.decay(1.0 - t), v_1t = reference.variance(1.0 - t);
  struct Terms {
    double sign, gain, pull, ahead, behind;  // slope = eps gain (1 - pull b) / (ahead + behind b)
  };
  const auto [sign, gain, pull, ahead, behind] =
      direction == Direction::forward ? Terms{1.0, a_1t * a_1t, 1.0, v_1t, a_1t * a_1t * v_t}
                                      : Terms{-1.0, 1.0, a * a, v_t, a_t * a_t * v_1t};
  const ConditionalSpread& far = far_spread(direction);
  const auto b = far.variances.array();
  const Vector width = ahead + behind * b;
  if (!(width.minCoeff() > 0.0)) {
    throw InvalidInput("t = " + number_text(t),
                       "the drift is unbounded here, because that end has no density");
  }
  const double eps = reference.epsilon(), pull_to_zero = -sign * reference.theta();
  const Vector slope = eps * gain * (1.0 - pull * b) / width.array();
  const Vector& m0 = bridge_.coupling.mean_source;
  const Vector& m1 = bridge_.coupling.mean_target;
  const Vector shift = sign * eps * (a_1t / s2) * (m1 - a * m0);
  const auto between = reference.bridge(0.0, t, 1.0);
  const Vector mean = between.from_start * m0 + between.from_end * m1;

  Points drift(x.rows(), x.cols());
  for_rows(x, [&](Index i, const Vector& row) {
    const Vector along = far.basis.transpose() * (row - mean);
    drift.row(i) = pull_to_zero * row + shift - far.basis * slope.cwiseProduct(along);
  });
  return drift;
}

std::optional<Matrix> GaussianPlan::do_covariance(ConstPoints, Direction direction) const {
  const ConditionalSpread& far = far_spread(direction);
  const Vector variances = problem().reference().endpoint_variance() * far.variances;
  return far.basis * variances.asDiagonal() * far.basis.transpose();
}

std::optional<Vector> GaussianPlan::do_log_density(ConstPoints x, ConstPoints y,
                                                   Direction direction) const {
  const ConditionalSpread& far = far_spread(direction);
  const Eigen::ArrayXd variances = problem().reference().endpoint_variance() * far.variances;
  if (!(variances.minCoeff() > 0.0)) return std::nullopt;
  const double constant = -0.5 * (2.0 * std::numbers::pi * variances).log().sum();
  const Points mean = do_map(x, direction);
  Vector result(x.rows());
  for_rows(y, [&](Index i, const Vector& row) {
    const Vector along = far.basis.transpose() * (row - mean.row(i).transpose());
    result[i] = constant - 0.5 * (along.array().square() / variances).sum();
  });
  return result;
}

LogDensity GaussianPlan::do_log_at(ConstPoints y, Direction direction,
                                   const DensitySettings&) const {
  if (problem().start(direction).as<Gaussian>() == nullptr) {
    throw InvalidInput(place(direction, name()), "the law at the other end is not Gaussian");
  }
  const GaussianCoupling& joint = bridge_.coupling;
  const Gaussian far(far_mean(direction),
                     direction == Direction::forward ? joint.cov_target : joint.cov_source);
  if (!far.has_density()) {
    throw InvalidInput(place(direction, name()), "it lives on a subspace");
  }
  return {far.log_density(y), {}};
}

namespace {

// The moments that stand for a law. One that is Gaussian stands for itself.
Gaussian read_moments(const PlanState& state, const std::string& side, const Measure& law) {
  const Index d = law->dimension();
  const std::string mean = "mean_" + side, covariance = "cov_" + side;
  const Vector m = state.array(mean, d, 1).col(0);
  const Matrix s = state.array(covariance, d, d);
  const auto* known = law.as<Gaussian>();
  if (known != nullptr && (known->center() != m || known->spread() != s)) {
    throw InvalidInput("plan of " + state.solver, "entries \"" + mean + "\" and \"" + covariance +
                                                      "\" are not the moments of the " + side);
  }
  try {
    return {m, s};
  } catch (const InvalidInput& refusal) {
    throw InvalidInput("plan of " + state.solver + ", " + side, refusal.what());
  }
}

}  // namespace

std::unique_ptr<const TransportPlan> restore_gaussian(const TransportProblem& problem,
                                                      const PlanState& state) {
  state.allow_only(
      {}, std::vector<std::string>{"mean_source", "cov_source", "mean_target", "cov_target"});
  return std::make_unique<const GaussianPlan>(
      problem,
      gaussian_bridge(read_moments(state, "source", problem.source()),
                      read_moments(state, "target", problem.target()), problem.reference()));
}

}  // namespace otbridge
