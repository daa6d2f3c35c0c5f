#include "entropic/nearly_independent.hpp"

#include <cmath>

namespace otbridge {
namespace {

constexpr double kLargestCube = 1e-15;  // rho: what the sums' rounding is at least
constexpr double kLargest = 0.1;        // |k| / s^2, for the series and its bounds to hold
constexpr double kRounding = 4e-16;     // relative, of values that are sums of positive terms

// A cloud about its mean, row by row.
struct Centred {
  Eigen::RowVectorXd mean;
  Points offsets;
  double spread;  // E |x - E x|^2

  Centred(const Points& points, const Vector& weights)
      : mean(weights.transpose() * points),
        offsets(points.rowwise() - mean),
        spread(offsets.rowwise().squaredNorm().dot(weights)) {}
  double radius() const { return offsets.rowwise().norm().maxCoeff(); }
  // E |x - E x|^3.
  double cube(const Vector& weights) const {
    return offsets.rowwise().norm().array().cube().matrix().dot(weights);
  }
};

// E_w <row, v>^2 for each row, v of law w: by the covariance, or pair by pair where that is less.
Vector mean_squares(const Points& rows, const Points& v, const Vector& w) {
  if (v.cols() > v.rows()) {
    return (rows * v.transpose()).cwiseAbs2() * w;
  }
  const Matrix covariance = v.transpose() * w.asDiagonal() * v;
  return (rows * covariance).cwiseProduct(rows).rowwise().sum();
}

}  // namespace

std::optional<IndependentAnswer> nearly_independent(const DiscreteProblem& problem, double s2) {
  const Vector &a = problem.a, &b = problem.b;
  const Centred x(problem.x, a), y(problem.y, b);
  const double rho = x.cube(a) / s2 * y.cube(b) / s2 / s2;
  if (!(rho <= kLargestCube && x.radius() * y.radius() / s2 <= kLargest)) return std::nullopt;

  // c_ij = |u + shift|^2 / 2 + |v - shift|^2 / 2 - |shift|^2 / 2 - <u, v>, u and v the offsets.
  const Eigen::RowVectorXd shift = x.mean - y.mean;
  const double apart = shift.squaredNorm();
  const Vector row_squares = mean_squares(x.offsets, y.offsets, b);
  const Vector column_squares = mean_squares(y.offsets, x.offsets, a);
  const double t = row_squares.dot(a);
  IndependentAnswer answer;
  auto& [f, g] = answer.potentials;
  f = 0.5 * (x.offsets.rowwise() + shift).rowwise().squaredNorm() - row_squares / (2.0 * s2);
  g = 0.5 * (y.offsets.rowwise() - shift).rowwise().squaredNorm() - column_squares / (2.0 * s2);
  f.array() += t / (4.0 * s2) - 0.5 * apart;
  g.array() += t / (4.0 * s2);

  Certificate& certificate = answer.certificate;
  const double mean_cost = 0.5 * (x.spread + y.spread + apart);
  const double cubic = 0.6 * s2 * rho;  // what is left of the series in either bound, together
  certificate.marginals.source = certificate.marginals.target = rho + kRounding;
  certificate.value_linear = mean_cost - t / s2;
  certificate.kl = t / (2.0 * s2 * s2);
  certificate.value = mean_cost - t / (2.0 * s2);
  certificate.dual_value = certificate.value - 0.5 * cubic;
  certificate.gap = cubic + kRounding * (mean_cost + f.cwiseAbs().dot(a) + g.cwiseAbs().dot(b));
  return answer;
}

}  // namespace otbridge
