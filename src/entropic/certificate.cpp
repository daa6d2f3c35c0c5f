#include "entropic/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/at_least_zero.hpp"

namespace otbridge {
namespace {

// In haste: the factor of all rows from which on one is enough, and the relative error of weights
// in single precision that is.
constexpr double kNearlyExact = 0.99, kTrusted = 1e-3;

// min(1, wanted / present), elementwise.
Vector shrink_factors(const Vector& wanted, const Vector& present) {
  return wanted.binaryExpr(present, [](double w, double p) { return p > w ? w / p : 1.0; });
}

// sum_i e_i log(e_i / w_i) for a measure e >= 0.
double entropy_against(const Vector& e, const Vector& w) {
  double total = 0.0;
  for (Index i = 0; i < e.size(); ++i) {
    // Two logarithms: the quotient by a weight of 1e-300 may overflow.
    if (e[i] > 0.0) total += e[i] * (std::log(e[i]) - std::log(w[i]));
  }
  return total;
}

// sum_ij p_i q_j |x_i - y_j|^2 / 2, in O((n + m) d) from the square multiplied out.
double product_cost(const Points& x, const Vector& p, const Points& y, const Vector& q) {
  const double squares =
      x.rowwise().squaredNorm().dot(p) * q.sum() + y.rowwise().squaredNorm().dot(q) * p.sum();
  return 0.5 * squares - (x.transpose() * p).dot(y.transpose() * q);
}

// What rounding may do to a sum of these sizes: the terms are rounded a few times, and errors of
// n + m of them add up as a random walk does.
double rounding_of(double sizes, Index terms) {
  return 0x1p-53 * (16.0 + std::sqrt(static_cast<double>(terms))) * sizes;
}

// pi_1 = diag(u) pi diag(v), whose marginals are nowhere above a and b.
struct ScaledPlan {
  Vector u, v;
  Vector rows, columns;  // its marginals
  double rounding;       // of <f, rows>, where they come from single precision; in units of f
};

ScaledPlan scaled_plan(TransformOperator& op, const DualPair& pair, const Marginals& marginals,
                       double truncation) {
  ScaledPlan scaled{shrink_factors(op.problem().a, marginals.rows),
                    shrink_factors(op.problem().b, marginals.columns),
                    {},
                    {},
                    0.0};
  std::tie(scaled.rows, scaled.columns) =
      op.scaled_marginals(pair, marginals, scaled.u, scaled.v, truncation);
  return scaled;
}

// With one factor for all rows the columns are known; rows lose pi (1 - v), which is small.
ScaledPlan hastily_scaled_plan(TransformOperator& op, const DualPair& pair,
                               const Marginals& marginals, double truncation) {
  const auto& [x, y, a, b] = op.problem();
  const double u = shrink_factors(a, marginals.rows).minCoeff();
  if (!(u >= kNearlyExact)) return scaled_plan(op, pair, marginals, truncation);
  const Vector v = shrink_factors(b, u * marginals.columns);
  const double rounding = op.exponent_error(pair, Precision::single);
  const Accuracy accuracy{rounding <= kTrusted ? Precision::single : Precision::full, truncation};
  const Vector less = 1.0 - v.array();
  const Vector lost = u * a.cwiseProduct(op.product(Side::source, pair, less, accuracy));
  return {Vector::Constant(a.size(), u), v, u * marginals.rows - lost,
          u * marginals.columns.cwiseProduct(v),
          accuracy.precision == Precision::single ? rounding * pair.f.cwiseAbs().dot(lost) : 0.0};
}

}  // namespace

MarginalGap marginal_gap(const DiscreteProblem& problem, const Marginals& marginals,
                         double rounding) {
  // No two laws differ by more than 2, whatever rounding does.
  const auto bound = [&](double error) {
    return std::min(error + marginals.missed + rounding, std::max(2.0, error));
  };
  return {bound((marginals.rows - problem.a).lpNorm<1>()),
          bound((marginals.columns - problem.b).lpNorm<1>())};
}

Certificate certify(TransformOperator& op, const DualPair& pair, const Marginals& marginals,
                    double truncation, bool hasty) {
  const auto& [x, y, a, b] = op.problem();
  const auto& [f, g] = pair;
  const double s2 = op.s2();
  const Vector &rows = marginals.rows, &columns = marginals.columns;
  const double mass = rows.sum();

  Certificate result;
  const double exponents = op.exponent_error(pair, marginals.precision);
  result.marginals = marginal_gap(op.problem(), marginals, exponents);
  result.value_linear = marginals.cost;
  // sum pi log(pi / ab) = (<f, r> + <g, c> - <c, pi>) / s^2, from the form of pi.
  const double cross = (f.dot(rows) + g.dot(columns) - marginals.cost) / s2;
  result.kl = at_least_zero(cross - mass + 1.0);
  result.value = result.value_linear + s2 * result.kl;
  // Mass that was left out can only lower the dual.
  result.dual_value = f.dot(a) + g.dot(b) - s2 * (mass + marginals.missed - 1.0);

  const ScaledPlan scaled = hasty ? hastily_scaled_plan(op, pair, marginals, truncation)
                                  : scaled_plan(op, pair, marginals, truncation);
  // Its potentials.
  const Vector f1 = f + s2 * scaled.u.array().log().matrix();
  const Vector g1 = g + s2 * scaled.v.array().log().matrix();
  const Vector missing_rows = (a - scaled.rows).cwiseMax(0.0);
  const Vector missing_columns = (b - scaled.columns).cwiseMax(0.0);

  const double delta = std::max(missing_rows.sum(), missing_columns.sum());
  double upper = f1.dot(scaled.rows) + g1.dot(scaled.columns);  // <c, pi_1> + s^2 sum ...
  if (delta < 1.0) upper -= s2 * (1.0 - delta) * std::log1p(-delta);
  if (missing_rows.sum() > 0.0 && missing_columns.sum() > 0.0) {
    // The rank-one plan delta p q^T, whose cost and divergence need no sum over pairs.
    const Vector p = missing_rows / missing_rows.sum(), q = missing_columns / missing_columns.sum();
    upper +=
        delta * (product_cost(x, p, y, q) + s2 * (entropy_against(p, a) + entropy_against(q, b)));
  }
  // Both bounds are sums of terms of these sizes, and s^2 times exponents as wrong as the weights.
  const double sizes = f.cwiseAbs().dot(a) + g.cwiseAbs().dot(b) + result.value_linear + s2;
  const double rounding = s2 * exponents + rounding_of(sizes, a.size() + b.size());
  result.dual_value -= rounding;
  // The upper bound has the potentials times sums, which in single precision are no better than
  // their weights.
  const double of_sums = marginals.precision == Precision::single ? exponents * sizes : 0.0;
  result.gap = at_least_zero(upper + rounding + of_sums + scaled.rounding - result.dual_value);
  return result;
}

}  // namespace otbridge
