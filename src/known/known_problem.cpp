#include "otbridge/known/known_problem.hpp"

#include <cmath>

#include "core/decompositions.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/measure/blurred.hpp"
#include "otbridge/measure/bridge_end.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/pushforward.hpp"

namespace otbridge {
namespace {

constexpr double kRadius = 5.0;
constexpr Index kMostDimensions = 256, kMostComponents = 50;

// Uniform among the orthonormal matrices: the columns of a Gaussian one, made orthonormal one after
// the other (Gram and Schmidt), each twice, so that rounding leaves nothing.
Matrix rotation(Index d, const RandomStream& stream) {
  Matrix q = normal_points(d, d, stream);
  for (Index c = 0; c < d; ++c) {
    for (int round = 0; round < 2; ++round) {
      const Vector along = q.leftCols(c).transpose() * q.col(c);
      q.col(c) -= q.leftCols(c) * along;
    }
    q.col(c).normalize();
  }
  return q;
}

// Eigenvalues exp(u log 2), u uniform on (-1, 1).
Matrix random_covariance(Index d, const RandomStream& stream) {
  const Matrix turn = rotation(d, stream.fork(0));
  Vector eigenvalues(d);
  for (Index i = 0; i < d; ++i) {
    eigenvalues[i] = std::exp2(2.0 * stream.uniform(i, 0, 0) - 1.0);
  }
  return turn * eigenvalues.asDiagonal() * turn.transpose();
}

// log N(0; b, B + s^2 I) up to a constant of all components.
double log_share_at_origin(const Vector& b, const Matrix& covariance, double s2) {
  const SymmetricEigen eigen = symmetric_eigen(covariance);
  const Eigen::ArrayXd widths = eigen.values.array() + s2;
  const Eigen::ArrayXd along = (eigen.vectors.transpose() * b).array();
  return -0.5 * ((along.square() / widths).sum() + widths.log().sum());
}

void check_range(const std::string& name, Index value, Index most) {
  if (value >= 1 && value <= most) return;
  throw InvalidInput("/" + name + " = " + std::to_string(value),
                     "must be from 1 to " + std::to_string(most));
}

}  // namespace

TransportProblem blurred_problem(const Measure& law, const ReferenceProcess& reference,
                                 double scale, const Vector& shift) {
  const Index d = law->dimension();
  const Vector c = shift.size() == 0 ? Vector::Zero(d) : shift;
  // Checks scale and shift before anything is moved by them.
  const Blurred checked(law, 1.0, scale, c);
  // Unmoved the target is the law itself, of its own kind.
  const bool moved = scale != 1.0 || !c.isZero(0.0);
  const Measure target = moved ? push_forward(law, scale * Matrix::Identity(d, d), c) : law;
  return {
      Blurred(target, reference.endpoint_variance() / scale, scale, c, reference.endpoint_decay()),
      target, reference};
}

TransportProblem mixture_potential_problem(const Measure& source, const Measure& potential,
                                           const ReferenceProcess& reference) {
  return {source,
          BridgeEnd(source, potential, reference.endpoint_variance(), reference.endpoint_decay()),
          reference};
}

void check_eot_mixture(Index dimension, Index components) {
  check_range("dimension", dimension, kMostDimensions);
  check_range("components", components, kMostComponents);
}

TransportProblem eot_mixture_problem(Index dimension, Index components, std::uint64_t seed,
                                     const ReferenceProcess& reference) {
  check_eot_mixture(dimension, components);
  const RandomStream stream(seed);
  std::vector<Measure> shapes;
  Vector shares(components);
  for (Index k = 0; k < components; ++k) {
    const RandomStream own = stream.fork(static_cast<std::uint64_t>(k));
    const Vector b =
        kRadius * normal_points(1, dimension, own.fork(0)).row(0).transpose().normalized();
    const Matrix covariance = random_covariance(dimension, own.fork(1));
    shares[k] = log_share_at_origin(b, covariance, reference.endpoint_variance());
    shapes.push_back(Gaussian(b, covariance));
  }
  const Vector weights = (shares.minCoeff() - shares.array()).exp();
  return mixture_potential_problem(Gaussian::isotropic(Vector::Zero(dimension), 1.0),
                                   Mixture(weights, std::move(shapes)), reference);
}

}  // namespace otbridge
