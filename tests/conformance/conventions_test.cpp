// The numbers printed in docs/conventions.md, from the solvers.
#include <doctest/doctest.h>

#include "../relative.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;

TEST_CASE("the worked conversion: two points to two points, POT's reg = 1 and our epsilon = 0.5") {
  const TransportProblem problem(WeightedPoints(Points{{0.0}, {1.0}}),
                                 WeightedPoints(Points{{0.0}, {2.0}}), ReferenceProcess(0.5));
  const Solution solution = solve_sinkhorn(problem, {.tolerance = 1e-12});
  const Matrix plan = solution.plan->coupling()->rows(0, 2);
  CHECK(plan(0, 0) == relative(0.4403985, 1e-7));
  CHECK(plan(0, 1) == relative(0.5 - 0.4403985, 1e-6));
  CHECK(*solution.report.value_linear == relative(0.3692029, 1e-7));
  CHECK(*solution.report.kl == relative(0.3278133, 1e-7));
  CHECK(*solution.report.value == relative(0.5331096, 1e-7));
}

TEST_CASE("the Gaussian example: unit laws at epsilon = 1") {
  const Matrix one = Matrix::Ones(1, 1);
  const Vector zero = Vector::Zero(1);
  const auto coupling = gaussian_coupling(zero, one, zero, one, ReferenceProcess(1.0));
  CHECK(coupling.cross(0, 0) == relative(0.6180340, 1e-7));
}
