#include "solvers/gaussian/closed_form.hpp"

#include <cmath>

#include "core/decompositions.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

// S = root root^T with root d x r, and inverse root = I, inverse r x d.
struct Factor {
  Matrix root, inverse;
};

Factor factor_of(const Gaussian& law) {
  const SymmetricEigen eigen = symmetric_eigen(law.spread());
  const Index r = law.rank();  // the largest r eigenvalues; the rest are rounding
  const Matrix directions = eigen.vectors.rightCols(r);
  const Vector deviations = eigen.values.tail(r).cwiseSqrt();
  return {directions * deviations.asDiagonal(),
          deviations.cwiseInverse().asDiagonal() * directions.transpose()};
}

// q = 1 - rho^2 = 2 / (1 + sqrt(1 + 4 sigma^2)); 1 for the directions beyond sigma.
Vector unexplained(const Vector& sigma, Index size) {
  Vector q = Vector::Ones(size);
  for (Index i = 0; i < sigma.size(); ++i) q[i] = 2.0 / (1.0 + std::hypot(1.0, 2.0 * sigma[i]));
  return q;
}

// The principal directions of root root^T / s^2.
ConditionalSpread spread_of(const Matrix& root, double s2) {
  const SingularValues parts = singular_values(root / std::sqrt(s2));
  Vector variances = Vector::Zero(root.rows());
  variances.head(parts.sigma.size()) = parts.sigma.cwiseAbs2();
  return {parts.u, variances};
}

// sqrt(sum lambda^2 / (1 + lambda)) >= sqrt(2 KL(N(0, I + E) | N(0, I))) >= L1, lambda the
// eigenvalues of the relative error E.
double distance_bound(const Matrix& error) {
  if (error.size() == 0) return 0.0;
  const Eigen::ArrayXd lambda = symmetric_eigenvalues(error);
  if (lambda[0] <= -1.0) return 2.0;
  return std::min(2.0, std::sqrt((lambda.square() / (1.0 + lambda)).sum()));
}

// The law of one end when the other is pushed through its conditional, relative to the law asked.
double pushforward_error(const Factor& start, const Factor& end, const ConditionalSpread& spread,
                         const ReferenceProcess& reference) {
  const double a = reference.endpoint_decay(), s2 = reference.endpoint_variance();
  const Matrix whitened = end.inverse * spread.basis;
  const Matrix mapped =
      a * whitened * spread.variances.asDiagonal() * (spread.basis.transpose() * start.root);
  const Index r = end.root.cols();
  return distance_bound(mapped * mapped.transpose() +
                        s2 * whitened * spread.variances.asDiagonal() * whitened.transpose() -
                        Matrix::Identity(r, r));
}

}  // namespace

GaussianBridge gaussian_bridge(const Gaussian& source, const Gaussian& target,
                               const ReferenceProcess& reference) {
  const double a = reference.endpoint_decay(), s2 = reference.endpoint_variance();
  const Matrix l0 = factor_of(source).root, l1 = factor_of(target).root;
  const Matrix scaled = (a / s2) * (l0.transpose() * l1);
  if (!scaled.allFinite()) {
    throw InvalidInput("/reference/epsilon = " + number_text(reference.epsilon()),
                       "the covariances divided by it overflow; take a larger epsilon");
  }
  const SingularValues parts = singular_values(scaled);
  const Index paired = parts.sigma.size();
  const Vector q0 = unexplained(parts.sigma, l0.cols()), q1 = unexplained(parts.sigma, l1.cols());
  const Vector rho = parts.sigma.cwiseProduct(q0.head(paired));
  const Matrix x = l0 * parts.u, y = l1 * parts.v;  // X_0 = m0 + x z, X_1 = m1 + y w
  const Matrix x_paired = x.leftCols(paired), y_paired = y.leftCols(paired);
  const Matrix x_root = x * q0.cwiseSqrt().asDiagonal(), y_root = y * q1.cwiseSqrt().asDiagonal();

  // X_1 - a X_0 splits into its mean, its part explained by z, and the rest: no cancellation.
  const Vector& m0 = source.center();
  const Vector& m1 = target.center();
  Matrix explained = -a * x;
  explained.leftCols(paired) += y_paired * rho.asDiagonal();
  GaussianBridge bridge;
  bridge.coupling = {m0, m1, source.spread(), target.spread(),
                     x_paired * rho.asDiagonal() * y_paired.transpose()};
  bridge.source = spread_of(x_root, s2);
  bridge.target = spread_of(y_root, s2);
  bridge.value_linear =
      0.5 * ((m1 - a * m0).squaredNorm() + explained.squaredNorm() + y_root.squaredNorm());
  if (!std::isfinite(bridge.value_linear)) {
    throw InvalidInput("/source and /target", "squared distances between them overflow");
  }
  // -log q = log(1 + sigma rho), which keeps its digits as sigma -> 0.
  bridge.kl = 0.5 * parts.sigma.cwiseProduct(rho).array().log1p().sum();
  return bridge;
}

GaussianMarginalErrors marginal_errors(const GaussianBridge& bridge,
                                       const ReferenceProcess& reference) {
  const GaussianCoupling& joint = bridge.coupling;
  const Factor source = factor_of({joint.mean_source, joint.cov_source});
  const Factor target = factor_of({joint.mean_target, joint.cov_target});
  return {pushforward_error(target, source, bridge.source, reference),
          pushforward_error(source, target, bridge.target, reference)};
}

GaussianCoupling gaussian_coupling(const Vector& mean_source, const Matrix& cov_source,
                                   const Vector& mean_target, const Matrix& cov_target,
                                   const ReferenceProcess& reference) {
  if (mean_source.size() != mean_target.size()) {
    throw InvalidInput("/target", "has dimension " + std::to_string(mean_target.size()) +
                                      ", the source has " + std::to_string(mean_source.size()));
  }
  return gaussian_bridge({mean_source, cov_source}, {mean_target, cov_target}, reference).coupling;
}

// Bunne et al. 2023, Theorem 3, through the reference bridge: X_t = c0 X_0 + c1 X_1 + noise.
GaussianMarginal gaussian_marginal(const GaussianCoupling& coupling,
                                   const ReferenceProcess& reference, double t) {
  if (!(t >= 0.0 && t <= 1.0)) throw InvalidInput("t = " + number_text(t), "must be within [0, 1]");
  const auto [c0, c1, variance] = reference.bridge(0.0, t, 1.0);
  const Index d = coupling.mean_source.size();
  return {c0 * coupling.mean_source + c1 * coupling.mean_target,
          c0 * c0 * coupling.cov_source + c1 * c1 * coupling.cov_target +
              c0 * c1 * (coupling.cross + coupling.cross.transpose()) +
              variance * Matrix::Identity(d, d)};
}

}  // namespace otbridge
