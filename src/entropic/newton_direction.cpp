#include "entropic/newton_direction.hpp"

#include <cmath>

#include "entropic/plan_graph.hpp"

namespace otbridge {
namespace {

constexpr double kBlowUp = 1e4;  // growth of the squared residual that only rounding explains
// Parts of a plan that hardly any mass connects move against each other by what they are out of
// balance, over next to nothing: without damping the system has no solution that rounding leaves
// anything of. The damping, over the L1 error, keeps it finite; as it vanishes with the error,
// convergence stays quadratic.
constexpr double kDamping = 1e-3;
constexpr Index kMany = 30;  // products after which a better preconditioner is worth a sweep

// The graph of the strongest pairs: those chosen before, if any, or anew. Null: it does not stand
// for the plan.
std::unique_ptr<const PlanGraph> strong_graph(TransformOperator& op, const DualPair& pair,
                                              double damping, bool anew) {
  const auto strong = op.strong_plan(pair, anew);
  if (!strong) return nullptr;
  auto graph = PlanGraph::factorised(*strong, damping, pair.f.size() * pair.g.size());
  if (!graph) op.forgo_strong_pairs();
  return graph;
}

}  // namespace

// Conjugate gradients on S delta = b - c, preconditioned by a graph or by diag(c). Progress is
// measured in the norm of 1/c.
NewtonDirection newton_direction(TransformOperator& op, const DualPair& pair, const Vector& columns,
                                 const DirectionControl& control) {
  const Vector& b = op.problem().b;
  const auto plan = op.kept_plan(pair, control.accuracy.truncation);
  const double damping = kDamping * (b - columns).lpNorm<1>();
  auto graph = plan ? PlanGraph::factorised(*plan, damping, plan->rows.pairs())
                    : strong_graph(op, pair, damping, false);
  // pi^T diag(1/a) pi v: the mean of v given each row, then the sum over rows given each column.
  const auto apply = [&](const Vector& v) -> Vector {
    if (plan) {
      const Vector means = plan->times(v).cwiseQuotient(op.problem().a);
      return (1.0 + damping) * columns.cwiseProduct(v) - plan->transposed_times(means);
    }
    const Vector means = op.product(Side::source, pair, v, control.accuracy);
    return (1.0 + damping) * columns.cwiseProduct(v) -
           b.cwiseProduct(op.product(Side::target, pair, means, control.accuracy));
  };
  // The system has a solution only for residuals of sum 0. What rounding adds to that is taken out
  // along c, which the preconditioner turns into the constants, the kernel of S.
  const auto project = [&](Vector& residual) {
    residual -= residual.sum() * columns / columns.sum();
  };

  const auto precondition = [&](const Vector& residual) -> Vector {
    return graph ? graph->solve(residual) : Vector(residual.cwiseQuotient(columns));
  };
  const auto square = [&](const Vector& residual) {
    return residual.cwiseAbs2().cwiseQuotient(columns).sum();
  };

  NewtonDirection result{Vector::Zero(b.size()), 0, 1.0};
  Vector residual = b - columns;
  project(residual);
  Vector z = precondition(residual), p = z;
  double rho = residual.dot(z);
  const double start = square(residual);
  double now = start, least = start;
  Vector delta = result.delta;
  // Truncated: |residual| <= forcing |b - c| will do (Dembo, Eisenstat, Steihaug 1982).
  while (result.products < control.products && least > control.forcing * control.forcing * start &&
         now < kBlowUp * least && control.proceed()) {
    const Vector q = apply(p);
    ++result.products;
    const double curvature = p.dot(q);
    if (!(curvature > 0.0)) break;  // rounding has eaten the rest
    const double step = rho / curvature;
    delta += step * p;
    residual -= step * q;
    project(residual);
    now = square(residual);
    if (now < least) {
      least = now;
      result.delta = delta;
    }
    auto better =
        !plan && result.products == kMany ? strong_graph(op, pair, damping, true) : nullptr;
    const bool restart = better != nullptr;  // directions of another preconditioner are of no use
    if (restart) graph = std::move(better);
    z = precondition(residual);
    const double next = residual.dot(z);
    p = restart ? z : Vector(z + next / rho * p);
    rho = next;
  }
  result.residual_ratio = start > 0.0 ? std::sqrt(least / start) : 0.0;
  return result;
}

}  // namespace otbridge
