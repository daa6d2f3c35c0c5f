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
  hessian.diagonal() += (1.0 + 1e-3 * (p.b - columns).lpNorm<1>()) * columns;
  const Vector exact = dense_solve(hessian, p.b - columns);

  DirectionControl control{1e-9, 500, exactly, [] { return true; }};
  const NewtonDirection found = newton_direction(op, pair, columns, control);
  CHECK(found.residual_ratio <= 1e-9);
  // Up to a constant, which hardly anything determines.
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

// Clusters far apart in many dimensions: too many pairs matter to keep them, while most of the mass
// is on a few, and what joins the clusters is small.
TEST_CASE("where the diagonal does too little, the strongest pairs precondition") {
  const DiscreteProblem p = clustered_problem(560, 540, 20);
  const double s2 = 0.01;
  const Accuracy exactly{Precision::full, 1e-9};
  const auto products = [&](bool diagonal) {
    TransformOperator op(p, kernels::select_kernel_set());
    op.set_temperature(s2);
    DualPair pair{Vector::Zero(560), Vector::Zero(540)};
    for (int k = 0; k < 20; ++k) {
      for (const Side side : {Side::target, Side::source})
        pair.of(side) = op.transform(side, pair, exactly);
    }
    REQUIRE(!op.keeps_pairs());
    Vector ratios;
    op.transform(Side::target, pair, exactly, &ratios);
    if (diagonal) op.forgo_strong_pairs();
    const DirectionControl control{1e-6, 500, exactly, [] { return true; }};
    const auto found = newton_direction(op, pair, p.b.cwiseProduct(ratios), control);
    CHECK(found.residual_ratio <= 1e-6);
    return found.products;
  };
  const Index alone = products(true), preconditioned = products(false);
  CAPTURE(alone);
  CAPTURE(preconditioned);
  CHECK(preconditioned < alone / 4);
}
