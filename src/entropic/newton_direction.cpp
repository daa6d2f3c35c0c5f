#include "entropic/newton_direction.hpp"

#include <cmath>

namespace otbridge {

constexpr double kBlowUp = 1e4;  // growth of the squared residual that only rounding explains

// Conjugate gradients on S delta = b - c, preconditioned by diag(c): the norms are those of 1/c.
NewtonDirection newton_direction(TransformOperator& op, const DualPair& pair, const Vector& columns,
                                 const DirectionControl& control) {
  const Vector& b = op.problem().b;
  // pi^T diag(1/a) pi v: the mean of v given each row, then the sum over rows given each column.
  const auto apply = [&](const Vector& v) -> Vector {
    const Vector means = op.product(Side::source, pair, v, control.accuracy);
    return columns.cwiseProduct(v) -
           b.cwiseProduct(op.product(Side::target, pair, means, control.accuracy));
  };
  // The system has a solution only for residuals of sum 0. What rounding adds to that is taken out
  // along c, which the preconditioner turns into the constants, the kernel of S.
  const auto project = [&](Vector& residual) {
    residual -= residual.sum() * columns / columns.sum();
  };

  NewtonDirection result{Vector::Zero(b.size()), 0, 1.0};
  Vector residual = b - columns;
  project(residual);
  Vector z = residual.cwiseQuotient(columns), p = z;
  double rho = residual.dot(z);  // |residual|^2 in the norm of 1/c
  const double start = rho;
  double least = rho;
  Vector delta = result.delta;
  // Truncated: |residual| <= forcing |b - c| will do (Dembo, Eisenstat, Steihaug 1982).
  while (result.products < control.products && least > control.forcing * control.forcing * start &&
         rho < kBlowUp * least && control.proceed()) {
    const Vector q = apply(p);
    ++result.products;
    const double curvature = p.dot(q);
    if (!(curvature > 0.0)) break;  // rounding has eaten the rest
    const double step = rho / curvature;
    delta += step * p;
    residual -= step * q;
    project(residual);
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
