#include "entropic/newton_direction.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../dense.hpp"
#include "problems.hpp"

using namespace otbridge;
using namespace otbridge::testing;

TEST_CASE("the Newton direction solves the dense system") {
  const DiscreteProblem p = clustered_problem(90, 110, 2);
  TransformOperator op(p, kernels::select_kernel_set());
  const double s2 = 0.05;
  op.set_temperature(s2);
  const Accuracy exactly{Precision::full, 0.0};
  DualPair pair{Vector::Zero(90), 0.3 * s2 * normal_points(110, 1, RandomStream(8)).col(0)};
  pair.f = op.transform(Side::source, pair, exactly);

  Matrix pi(90, 110);
  for (Index i = 0; i < 90; ++i) {
    for (Index j = 0; j < 110; ++j) {
      const double cost = 0.5 * (p.x.row(i) - p.y.row(j)).squaredNorm();
      pi(i, j) = p.a[i] * p.b[j] * std::exp((pair.f[i] + pair.g[j] - cost) / s2);
    }
  }
  REQUIRE((pi.rowwise().sum() - p.a).cwiseAbs().maxCoeff() < 1e-12);
  const Vector columns = pi.colwise().sum();
  Matrix hessian = -pi.transpose() * p.a.cwiseInverse().asDiagonal() * pi;
  hessian.diagonal() += columns;
  // The Hessian of a constant is 0, and the right side sums to 0: adding 1 to every entry leaves
  // the solution of mean 0, and makes the matrix invertible.
  const Vector exact = dense_solve(hessian.array() + 1.0, p.b - columns);

  DirectionControl control{1e-9, 500, exactly, [] { return true; }};
  const NewtonDirection found = newton_direction(op, pair, columns, control);
  CHECK(found.residual_ratio <= 1e-9);
  // Up to a constant, which the system does not determine.
  const auto distance = [&](const Vector& delta) {
    const Vector difference = delta - exact;
    return (difference.array() - difference.mean()).cwiseAbs().maxCoeff();
  };
  CHECK(distance(found.delta) < 1e-6 * exact.cwiseAbs().maxCoeff());

  // Cut short, it keeps to its limits.
  control.products = 3;
  const NewtonDirection rough = newton_direction(op, pair, columns, control);
  CHECK(rough.products == 3);
  CHECK(rough.residual_ratio < 1.0);
  CHECK(rough.residual_ratio > found.residual_ratio);
  control.proceed = [] { return false; };
  CHECK(newton_direction(op, pair, columns, control).products == 0);
}
