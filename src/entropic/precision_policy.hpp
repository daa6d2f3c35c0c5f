// PrecisionPolicy: when sums in single precision will do.
//
// They serve while the error still falls and is above what rounding of the exponents causes
// (TransformOperator::exponent_error); then double, until the next level. A caller may fix the
// precision of the updates instead.
#pragma once

#include "entropic/accuracy.hpp"
#include "otbridge/core/index.hpp"

namespace otbridge {

enum class PrecisionChoice { automatic, single, full };

class PrecisionPolicy {
 public:
  explicit PrecisionPolicy(PrecisionChoice choice) : choice_(choice) { restart(); }

  Precision of_updates() const { return updates_; }
  // Of products with the Hessian, which need few digits, but some. rounding: the error that single
  // precision alone would cause now.
  Precision of_products(double rounding) const;

  // A new level: single precision is tried again, if the choice allows it.
  void restart();
  // The error after one more iteration.
  void observe(double error);
  // Whether an error of `aim` is out of reach of single precision. True if that ends its use now,
  // so that what was learnt from rounded errors no longer holds.
  bool review(double aim, double rounding);
  // Rounded sums promised more than double precision has confirmed.
  void distrust_updates();
  // A direction from products in single precision was of no use.
  void distrust_products() { single_products_ = false; }

 private:
  PrecisionChoice choice_;
  Precision updates_;
  bool single_products_;  // until they fail
  double least_error_;
  Index stalled_;  // iterations since the least error
};

}  // namespace otbridge
