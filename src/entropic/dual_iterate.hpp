// DualIterate: where the ascent stands: the clouds of a level, a potential on each, and what is
// known of their plan.
//
// Whoever moves a potential does so here, so that marginals never outlive the pair they belong to.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "entropic/certificate.hpp"
#include "entropic/levels.hpp"
#include "entropic/precision_policy.hpp"

namespace otbridge {

class DualIterate {
 public:
  // coarsening: of the whole clouds, kept by reference. start: potentials on these, or null for
  // zeros on those of the first level. truncation: of what is measured. single_error: the error by
  // rounding up to which measurements are in single precision.
  DualIterate(const Coarsening& coarsening, const DualPair* start, double truncation,
              double single_error = 0.0);

  // Brings the potentials to the clouds and the temperature of a level: before anything else, and
  // then at will. policy: for the sums that takes.
  void enter(const Level& level, const PrecisionPolicy& policy);
  // The same with an exact f, in as little time as that takes: nothing of the old f is used but for
  // g at new points, and single precision serves where it holds enough digits.
  void settle(const Level& level, const PrecisionPolicy& policy);
  // The exact f for g, where iterations have come close to it, without a choice of pairs.
  void settle_source(const PrecisionPolicy& policy);

  TransformOperator& op() { return *op_; }
  const TransformOperator& op() const { return *op_; }
  const DiscreteProblem& clouds() const { return op_->problem(); }
  const Coarsening& coarsening() const { return coarsening_; }
  double s2() const { return op_->s2(); }
  const DualPair& pair() const { return pair_; }

  void set(DualPair pair);
  void move(Side side, const Vector& step);
  // The exact update of one side given the other. O(n m d).
  void maximise(Side side, Accuracy accuracy);
  // What that would be at these points of the side, which are few.
  Vector maximum(Side side, const std::vector<Index>& points, Accuracy accuracy) const;

  // (<f, a> + <g, b>) / s^2: the dual in units of s^2, where one side is exact for the other.
  double value() const;
  // c_j = sum_i pi_ij, from an update of g that is not made. O(n m d).
  Vector column_marginal(Accuracy accuracy);
  // Of the pair; kept until it moves. O(n m d).
  const Marginals& marginals();
  MarginalGap measured() {
    return marginal_gap(clouds(), marginals(), rounding(marginals().precision));
  }
  // Whether that takes no longer than an update.
  bool measures_in_single() const { return rounding(Precision::single) <= single_error_; }
  // The L1 error that rounding alone causes (TransformOperator::exponent_error).
  double rounding(Precision precision) const { return op_->exponent_error(pair_, precision); }

 private:
  enum class Carried { both, target };
  void change_clouds(const Level& level, const PrecisionPolicy& policy, Carried carried);
  void change_temperature(double s2);

  const Coarsening& coarsening_;
  double truncation_, single_error_;
  DualPair pair_;
  Index group_ = 0;                                // of the clouds; 0 before the first level
  std::unique_ptr<const DiscreteProblem> coarse_;  // what op_ refers to, unless those are whole
  std::unique_ptr<TransformOperator> op_;
  struct Earlier {
    double s2;
    DualPair pair;
  };
  std::optional<Earlier> earlier_;  // on the same clouds, at the temperature before
  std::optional<Marginals> marginals_;
};

}  // namespace otbridge
