// The certificate of a pair of potentials: what the plan costs, and how far from optimal it is.
//
// In the units of the operator, and in the precision of the marginals given, but for what scaling
// to feasible ones changes where weights are stored (TransformOperator::scaled_marginals). Values
// are of the plan without the pairs that truncation leaves out; the mass of those is added to the
// errors and taken from the dual, so that they stay bounds. Errors and dual include an estimate of
// their rounding.
#pragma once

#include "entropic/transform_operator.hpp"

namespace otbridge {

struct MarginalGap {
  double source, target;  // L1 distances of the plan's marginals from a and b
  double larger() const { return source > target ? source : target; }
};
// rounding: of the weights, relatively (TransformOperator::exponent_error); added to both.
MarginalGap marginal_gap(const DiscreteProblem& problem, const Marginals& marginals,
                         double rounding);

struct Certificate {
  MarginalGap marginals;
  double value_linear = 0.0;  // <c, pi>
  double kl = 0.0;            // KL(pi | a b^T), with its mass: sum pi log(pi / ab) - sum pi + 1
  double value = 0.0;         // value_linear + s^2 kl
  double dual_value = 0.0;    // <a, f> + <b, g> - s^2 (sum pi - 1), a lower bound on the optimum
  double gap = 0.0;           // upper bound on the rounded plan's value, minus dual_value
};

// marginals: those of the pair. At most one more sweep; hasty: one in single precision, for a pair
// whose f is exact for its g.
//
// Rounding: Altschuler, Weed, Rigollet 2017, Algorithm 2, with rows and columns scaled at once. The
// rounded plan is a scaled plan pi_1 of mass 1 - delta plus a rank-one plan of mass delta; its
// divergence is bounded by convexity, KL <= (1 - delta) KL(pi_1 / (1 - delta)) + delta KL(rank one
// / delta), which needs no logarithm per pair. In haste all rows are scaled by the same factor, the
// least that any of them needs, which is next to 1 where f is exact; what single precision may do
// to pi_1 joins the rounding of the gap.
Certificate certify(TransformOperator& op, const DualPair& pair, const Marginals& marginals,
                    double truncation, bool hasty = false);

}  // namespace otbridge
