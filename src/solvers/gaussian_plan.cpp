#include "solvers/gaussian_plan.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/gaussian.hpp"

namespace otbridge {
namespace {

Matrix symmetric(const Matrix& m) { return 0.5 * (m + m.transpose()); }

// 2 Q (D + e I)^{-1} Q with Q = near^{1/2} and D = (4 Q far Q + e^2 I)^{1/2}: the gain of the far
// end on the near one. It needs no inverse of a covariance, so any rank will do. With C = far gain,
// the optimality condition 4 C-quadratic of Janati et al. 2020 (Theorem 1) holds as D = Q (far^{-1}
// + 2 C ...) rearranged by (D - e)(D + e) = 4 Q far Q.
struct Gain {
  Matrix gain;
  double information;  // sum of log((d_i + e) / (2 e)) / 2: the mutual information of the two ends
};

Gain gain_of(const Matrix& near, const Matrix& far, double e) {
  const Matrix q = symmetric_sqrt(near);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(symmetric(q * far * q));
  const Vector z = eigen.eigenvalues().cwiseMax(0.0);
  const Vector d = (4.0 * z.array() + e * e).sqrt();
  const Matrix qv = q * eigen.eigenvectors();
  Gain result;
  result.gain = qv * (2.0 / (d.array() + e)).matrix().asDiagonal() * qv.transpose();
  // (d - e) / (2 e) = 2 z / (e (d + e)), without the cancellation.
  result.information = 0.5 * (2.0 * z.array() / (e * (d.array() + e))).log1p().sum();
  return result;
}

GaussianConditional conditional_of(const Vector& given_mean, const Vector& mean, Matrix gain,
                                   const Matrix& covariance) {
  return {given_mean, mean, std::move(gain), covariance, symmetric_sqrt(covariance)};
}

// sum over rows of slope . x + x^T curvature x / 2, for centred rows.
Vector quadratic(ConstPoints x, const Vector& center, const Vector& slope,
                 const Matrix& curvature) {
  const Points centred = x.rowwise() - center.transpose();
  return centred * slope + 0.5 * (centred * curvature).cwiseProduct(centred).rowwise().sum();
}

}  // namespace

// Scaling X_0 by a turns any reference here into Brownian motion of variance s^2.
GaussianBridge gaussian_bridge(const Vector& mean_source, const Matrix& cov_source,
                               const Vector& mean_target, const Matrix& cov_target,
                               const ReferenceProcess& reference) {
  const double a = reference.endpoint_decay(), e = reference.endpoint_variance();
  const Matrix scaled = a * a * cov_source;
  const Gain onto_target = gain_of(cov_target, scaled, e);
  const Gain onto_source = gain_of(scaled, cov_target, e);
  GaussianBridge bridge;
  // The cross covariance by both gains; their mean is symmetric in the roles of the two ends.
  const Matrix cross =
      0.5 * a * (cov_source * onto_target.gain + onto_source.gain * cov_target / (a * a));
  bridge.coupling = {mean_source, mean_target, cov_source, cov_target, cross};
  // pi(y | x) is nu tilted by exp(a x . y / s^2), so its covariance is s^2 / a times the gain.
  bridge.forward =
      conditional_of(mean_source, mean_target, a * onto_target.gain, e * onto_target.gain);
  bridge.backward = conditional_of(mean_target, mean_source, onto_source.gain / a,
                                   e / (a * a) * onto_source.gain);
  bridge.value_linear =
      0.5 * ((mean_target - a * mean_source).squaredNorm() + cov_target.trace() + scaled.trace()) -
      a * cross.trace();
  bridge.kl = onto_target.information;
  bridge.value = bridge.value_linear + e * bridge.kl;
  return bridge;
}

GaussianPlan::GaussianPlan(const TransportProblem& problem, GaussianBridge bridge)
    : TransportPlan(problem), bridge_(std::move(bridge)) {}

Points GaussianPlan::do_map(ConstPoints x, Direction direction) const {
  const GaussianConditional& law = conditional(direction);
  Points moved(x.rows(), x.cols());
  parallel_for(x.rows(), 256, [&](Index begin, Index end, Index) {
    // One row at a time: the same sums whatever the batch the row came in.
    for (Index i = begin; i < end; ++i) {
      moved.row(i).transpose() = law.mean + law.gain * (x.row(i).transpose() - law.given_mean);
    }
  });
  return moved;
}

Points GaussianPlan::do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                               Index first_row) const {
  const GaussianConditional& law = conditional(direction);
  Points moved = do_map(x, direction);
  parallel_for(x.rows(), 256, [&](Index begin, Index end, Index) {
    Vector z(x.cols());
    for (Index i = begin; i < end; ++i) {
      stream.fill_normal(first_row + i, 0, {z.data(), static_cast<std::size_t>(z.size())});
      moved.row(i).transpose() += law.root * z;
    }
  });
  return moved;
}

// grad f(x) = a (a x - E[y | x]) is affine (envelope theorem), and E_mu f = 0 fixes the constant.
Vector GaussianPlan::f(ConstPoints x) const {
  const double a = problem().reference().endpoint_decay();
  const GaussianCoupling& c = bridge_.coupling;
  const Matrix curvature = a * a * Matrix::Identity(x.cols(), x.cols()) - a * bridge_.forward.gain;
  const double constant = -0.5 * (curvature * c.cov_source).trace();
  return constant +
         quadratic(x, c.mean_source, a * (a * c.mean_source - c.mean_target), curvature).array();
}

// grad g(y) = y - a E[x | y]; E_nu g = value, because the dual attains the value.
Vector GaussianPlan::g(ConstPoints y) const {
  const double a = problem().reference().endpoint_decay();
  const GaussianCoupling& c = bridge_.coupling;
  const Matrix curvature = Matrix::Identity(y.cols(), y.cols()) - a * bridge_.backward.gain;
  const double constant = bridge_.value - 0.5 * (curvature * c.cov_target).trace();
  return constant +
         quadratic(y, c.mean_target, c.mean_target - a * c.mean_source, curvature).array();
}

// Forward: -theta x + eps a_t / v (E[X_1 | X_t = x] - a_t x), a_t and v the transition over 1 - t.
// X_1 given X_t = x is the law of X_1 given X_0 = 0 with its kernel N(0, s^2) replaced by N(a_t x,
// v).
Points GaussianPlan::at(double t, ConstPoints x, Direction direction) const {
  const ReferenceProcess& reference = problem().reference();
  const bool forward = direction == Direction::forward;
  const double left = forward ? 1.0 - t : t;
  if (!(t >= 0.0 && t <= 1.0 && left > 0.0)) {
    throw InvalidInput("t = " + number_text(t), forward ? "the forward drift needs 0 <= t < 1"
                                                        : "the backward drift needs 0 < t <= 1");
  }
  const double a = reference.endpoint_decay(), s2 = reference.endpoint_variance();
  const double decay = reference.decay(left), variance = reference.variance(left);
  // Coefficients of the end z in the two kernels: |x - c z|^2 / (2 v).
  const double slope = decay / variance;
  const double excess = forward ? 1.0 / variance - 1.0 / s2 : decay * decay / variance - a * a / s2;

  const GaussianConditional& law = conditional(direction);
  const Vector origin = law.mean - law.gain * law.given_mean;
  const Index d = x.cols();
  // covariance (I + excess covariance)^{-1}, symmetric.
  const Matrix spread =
      symmetric((Matrix::Identity(d, d) + excess * law.covariance).llt().solve(law.covariance));
  const Vector offset = origin - excess * spread * origin;
  Points drift(x.rows(), d);
  for (Index i = 0; i < x.rows(); ++i) {
    const Vector here = x.row(i).transpose();
    const Vector end = offset + slope * (spread * here);
    drift.row(i).transpose() =
        forward
            ? Vector(-reference.theta() * here + reference.epsilon() * slope * (end - decay * here))
            : Vector(reference.theta() * here +
                     reference.epsilon() / variance * (decay * end - here));
  }
  return drift;
}

PlanState GaussianPlan::state() const {
  const GaussianCoupling& c = bridge_.coupling;
  PlanState state;
  state.solver = "gaussian";
  state.arrays = {{"mean_source", c.mean_source},
                  {"mean_target", c.mean_target},
                  {"cov_source", c.cov_source},
                  {"cov_target", c.cov_target}};
  return state;
}

std::unique_ptr<const TransportPlan> restore_gaussian(const TransportProblem& problem,
                                                      const PlanState& state) {
  const Index d = problem.dimension();
  return std::make_unique<GaussianPlan>(
      problem, gaussian_bridge(state.array("mean_source", d, 1), state.array("cov_source", d, d),
                               state.array("mean_target", d, 1), state.array("cov_target", d, d),
                               problem.reference()));
}

}  // namespace otbridge
