#include "entropic/newton.hpp"

#include <doctest/doctest.h>

#include <Eigen/QR>
#include <cmath>

#include "problems.hpp"

using namespace otbridge;

TEST_CASE("the Newton direction solves the dense system") {
  const DiscreteProblem p = clustered_problem(90, 110, 2);
  TransformOperator op(p, kernels::select_kernel_set());
  const double s2 = 0.05;
  op.set_temperature(s2);
  const Vector g = 0.3 * s2 * normal_points(110, 1, RandomStream(8)).col(0);
  const Vector f = op.transform(Side::source, g, Vector::Zero(90), Precision::full, 0.0);

  Matrix pi(90, 110);
  for (Index i = 0; i < 90; ++i) {
    for (Index j = 0; j < 110; ++j) {
      const double cost = 0.5 * (p.x.row(i) - p.y.row(j)).squaredNorm();
      pi(i, j) = p.a[i] * p.b[j] * std::exp((f[i] + g[j] - cost) / s2);
    }
  }
  REQUIRE((pi.rowwise().sum() - p.a).cwiseAbs().maxCoeff() < 1e-12);
  const Vector columns = pi.colwise().sum();
  Matrix hessian = -pi.transpose() * p.a.cwiseInverse().asDiagonal() * pi;
  hessian.diagonal() += columns;
  const Vector exact = hessian.completeOrthogonalDecomposition().solve(p.b - columns);

  const NewtonDirection found =
      newton_direction(op, f, g, columns, 1e-9, 500, Precision::full, 0.0, [] { return false; });
  CHECK(found.residual_ratio <= 1e-9);
  // Up to a constant, which the system does not determine.
  const Vector difference = found.delta - exact;
  CHECK((difference.array() - difference.mean()).cwiseAbs().maxCoeff() <
        1e-6 * exact.cwiseAbs().maxCoeff());
}
