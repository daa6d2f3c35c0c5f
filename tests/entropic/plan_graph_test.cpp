// The factorised graph of a plan against dense systems.
#include "entropic/plan_graph.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../dense.hpp"
#include "problems.hpp"

using namespace otbridge;
using namespace otbridge::testing;

namespace {

// A plan near that of a dual solve, on all pairs that matter, with its Schur complement.
struct Graph {
  DiscreteProblem p;
  double s2;
  Vector f, g;
  KeptPairs kept;
  KeptPlan plan;
  Matrix schur;
  Vector columns;

  Graph(Index n, Index m, double temperature, double damping)
      : p(clustered_problem(n, m, 2)),
        s2(temperature),
        kept(pairs()),
        plan(kept.plan(kernels::select_kernel_set(), f + s2 * p.a.array().log().matrix(),
                       g + s2 * p.b.array().log().matrix(), s2)),
        columns(plan.transposed_times(Vector::Ones(n))) {
    Matrix pi = Matrix::Zero(n, m);
    for (Index j = 0; j < m; ++j) pi.col(j) = plan.times(Vector::Unit(m, j));
    const Vector rows = pi.rowwise().sum();
    schur = -pi.transpose() * rows.cwiseInverse().asDiagonal() * pi;
    schur.diagonal() += (1.0 + damping) * columns;
  }

 private:
  KeptPairs pairs() {
    TransformOperator op(p, kernels::select_kernel_set());
    op.set_temperature(s2);
    DualPair pair{Vector::Zero(p.a.size()), Vector::Zero(p.b.size())};
    for (int k = 0; k < 50; ++k) {
      for (const Side side : {Side::target, Side::source})
        pair.of(side) = op.transform(side, pair, {Precision::full, 0.0});
    }
    f = pair.f;
    g = pair.g;
    return {CostSweep(p.x, p.y), f, g, 30.0 * s2};
  }
};

}  // namespace

TEST_CASE("where all edges fit, the graph solves the damped Schur complement") {
  const double damping = 1e-3;
  const Graph graph(60, 50, 3e-4, damping);
  const auto factor = PlanGraph::factorised(graph.plan, damping, 0);
  REQUIRE(factor != nullptr);
  const Vector residual = graph.columns.cwiseProduct(normal_points(50, 1, RandomStream(2)).col(0));
  const Vector exact = dense_solve(graph.schur, residual);
  // Edges below 1e-4 of their degrees are left out.
  CHECK((factor->solve(residual) - exact).norm() < 2e-2 * exact.norm());
}

TEST_CASE("with the weakest edges left out, it is near enough to precondition with") {
  const double damping = 1e-4;
  const Graph graph(500, 450, 1e-3, damping);
  const auto factor = PlanGraph::factorised(graph.plan, damping, 0);
  REQUIRE(factor != nullptr);
  // Eigenvalues of the preconditioned matrix, by Rayleigh quotients <v, S v> / <v, M v> with
  // v = M^-1 r: all of one size, where those of the diagonal spread over 1 / damping.
  double least = 1e300, most = 0.0;
  for (std::uint64_t k = 0; k < 20; ++k) {
    const Vector r = graph.columns.cwiseProduct(normal_points(450, 1, RandomStream(k)).col(0));
    const Vector v = factor->solve(r);
    const double ratio = v.dot(graph.schur * v) / v.dot(r);
    least = std::min(least, ratio);
    most = std::max(most, ratio);
  }
  CHECK(least > 0.1);
  CHECK(most < 10.0);
}

TEST_CASE("a plan that is spread over all pairs has no graph that stands for it") {
  const Graph graph(700, 600, 1.0, 0.1);
  CHECK(PlanGraph::factorised(graph.plan, 0.1, graph.plan.rows.pairs()) == nullptr);
}
