// TransformOperator: the soft c-transforms and marginals of one problem, without its cost matrix.
//
// The only thing the ascent knows about the cost. Costs are |y - x|^2 / 2 of the points given
// (which the caller has moved by the reference's decay), weights are positive. Where weights fit
// (sweep/stored_weights.hpp), sums in single precision come from a matrix of them that the operator
// owns and makes anew when potentials have left it; their error is then small whatever the
// temperature. Where few pairs matter, sums in any precision go over those alone, in double
// (sweep/kept_pairs.hpp). Calls that may touch either are not const: one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "entropic/accuracy.hpp"
#include "entropic/discrete_problem.hpp"
#include "sweep/kept_pairs.hpp"
#include "sweep/pair_sweep.hpp"
#include "sweep/stored_weights.hpp"

namespace otbridge {

// Both marginals of a plan pi and <c, pi>, without weights that sum to `missed` at most.
struct Marginals {
  Vector rows, columns;
  double cost, missed;
  Precision precision = Precision::full;  // of the weights
};

// Throughout, pi_ij = a_i b_j exp((f_i + g_j - c_ij) / s^2) for the pair (f, g) given.
class TransformOperator {
 public:
  // problem: kept by reference.
  TransformOperator(const DiscreteProblem& problem, const kernels::KernelSet& set);

  // O((n + m) d^2); before anything else, and at each change of the temperature.
  void set_temperature(double s2);
  double s2() const { return s2_; }

  // The exact update of one side given the other's potential (Schmitzer 2019, eq. 22): at the
  // source f*_i = -s^2 log sum_j b_j exp((g_j - c_ij) / s^2). The present f is a guess that spares
  // passes. ratios, unless null: exp((f - f*) / s^2), the row sums of pi over a. O(n m d).
  Vector transform(Side side, const DualPair& pair, Accuracy accuracy, Vector* ratios = nullptr);

  // The same at the points of this problem for a potential on the far side of another one. guess:
  // of the answer, or null.
  Vector transform(Side side, const TransformOperator& of, const Vector& other, Accuracy accuracy,
                   const Vector* guess = nullptr) const;

  // At the source sum_j pi_ij v_j / a_i. One half of a product with the Hessian of the dual.
  // O(n m d).
  Vector product(Side side, const DualPair& pair, const Vector& values, Accuracy accuracy);

  // pi on the pairs that are kept, if any are and the others sum to at most `truncation` of each
  // row and column.
  std::optional<KeptPlan> kept_plan(const DualPair& pair, double truncation) const;

  // pi on the pairs that hold most of the mass of some row or column: too little for sums, enough
  // to precondition them. From pairs chosen before at this temperature, or chosen anew; empty where
  // there are none yet, or too many. O(n m d) where they are chosen.
  std::optional<KeptPlan> strong_plan(const DualPair& pair, bool anew);
  // No such pairs are to be chosen at this temperature again.
  void forgo_strong_pairs();
  // Nor pairs for sums: few of them are still to come.
  void forgo_kept_pairs();

  // From one sweep; where points are far out in double, whatever the precision.
  Marginals marginals(const DualPair& pair, double truncation,
                      Precision precision = Precision::full) const;
  // Those of diag(u) pi diag(v), 0 < u, v <= 1. of: those of pi. What the factors change is right
  // to single precision where weights are stored.
  std::pair<Vector, Vector> scaled_marginals(const DualPair& pair, const Marginals& of,
                                             const Vector& u, const Vector& v, double truncation);

  // An estimate of the L1 error that rounding of the exponents alone causes, for these potentials:
  // the rounding unit times the mean size of the terms of an exponent.
  double exponent_error(const DualPair& pair, Precision precision) const;

  const DiscreteProblem& problem() const { return problem_; }
  bool keeps_pairs() const { return kept_ != nullptr; }
  // Whether sums in single precision come from weights that are stored.
  bool stores_weights() const { return stores_weights_ && !far_; }
  // Sweeps over all pairs in double that an update near the optimum, marginals() and a product in
  // single precision take.
  double sweeps_to_certify() const;

 private:
  Index plenty() const;
  bool covers(const DualPair& pair, double truncation) const;
  std::optional<Vector> kept_transform(Side side, const DualPair& pair, double truncation);
  void keep_pairs(const DualPair& pair, double truncation);
  bool can_choose_pairs();
  KeptPlan plan_on(const KeptPairs& pairs, const DualPair& pair) const;
  bool uses_stored(Accuracy accuracy) const {
    return stores_weights() && accuracy.precision == Precision::single;
  }
  Vector transform_over_all(Side side, const DualPair& pair, Accuracy accuracy, Vector* ratios);
  Vector stored_sums(Side side, const DualPair& pair, const Vector& values);
  Vector soft_minimum(const TiledCloud& rows, const TiledCloud& columns, const Vector& log2_weights,
                      const Vector* guess, Accuracy accuracy) const;
  template <class T>
  PairSweep<T> sweep(Side rows, const DualPair& pair) const;
  Vector log2_weights(Side side, const Vector& potential) const;
  const TiledCloud& cloud(Side side) const { return side == Side::source ? *source_ : *target_; }

  const DiscreteProblem& problem_;
  const kernels::KernelSet& set_;
  Vector log2_a_, log2_b_;
  bool stores_weights_;
  double s2_ = 0.0;
  bool far_ = false;  // some points are far out at s2_ (sweep/tiled_cloud.hpp)
  std::unique_ptr<const TiledCloud> source_, target_;  // at the scale of s2_
  std::unique_ptr<const StoredWeights> stored_;        // at s2_, or null until they are wanted
  std::unique_ptr<const CostSweep> costs_;     // null: too few pairs, or too many, to choose
  std::unique_ptr<const KeptPairs> kept_;      // null: too many matter
  double kept_at_ = 0.0;                       // the temperature at which they were chosen
  std::unique_ptr<const KeptPairs> strong_;    // chosen at s2_, or null
  bool forgoes_strong_ = false;                // at s2_
  Index sums_over_all_ = 0, next_choice_ = 1;  // transforms at s2_, done and to be done
};

}  // namespace otbridge
