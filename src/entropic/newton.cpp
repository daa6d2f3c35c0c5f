#include "entropic/newton.hpp"

#include <cmath>

namespace otbridge {

constexpr double kBlowUp = 1e4;  // growth of the squared residual that only rounding explains

NewtonDirection newton_direction(const TransformOperator& op, const Vector& f, const Vector& g,
                                 const Vector& columns, double forcing, Index limit,
                                 Precision precision, double truncation,
                                 const std::function<bool()>& interrupted) {
  const Vector& b = op.problem().b;
  // pi^T diag(1/a) pi v: the mean of v given each row, then the sum over rows given each column.
  const auto apply = [&](const Vector& v) -> Vector {
    const Vector means = op.product(Side::source, f, g, v, precision, truncation);
    return columns.cwiseProduct(v) -
           b.cwiseProduct(op.product(Side::target, f, g, means, precision, truncation));
  };

  NewtonDirection result{Vector::Zero(b.size()), 0, 1.0};
  Vector residual = b - columns;
  residual -= residual.sum() * columns / columns.sum();
  Vector z = residual.cwiseQuotient(columns), p = z;
  double rho = residual.dot(z);
  const double start = rho;
  double least = rho;
  Vector delta = result.delta;
  while (result.products < limit && least > forcing * forcing * start && rho < kBlowUp * least &&
         !interrupted()) {
    const Vector q = apply(p);
    ++result.products;
    const double curvature = p.dot(q);
    if (!(curvature > 0.0)) break;  // rounding has eaten the rest
    const double step = rho / curvature;
    delta += step * p;
    residual -= step * q;
    residual -= residual.sum() * columns / columns.sum();
    z = residual.cwiseQuotient(columns);
    const double next = residual.dot(z);
    p = z + next / rho * p;
    rho = next;
    if (rho < least) {
      least = rho;
      result.delta = delta;
    }
  }
  result.residual_ratio = start > 0.0 ? std::sqrt(least / start) : 0.0;
  return result;
}

}  // namespace otbridge
