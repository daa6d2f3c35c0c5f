#include "entropic/precision_policy.hpp"

#include <algorithm>

namespace otbridge {
namespace {

// Rounding errors of different pairs are independent, so that sums are several times better than
// the mean error of a term.
constexpr double kMargin = 0.25;
constexpr double kLargestRounding = 0.01;  // above, not even the first digits of an update hold
constexpr double kProductRounding = 1e-3;  // the same for products
constexpr Index kStall = 20;               // iterations without a smaller error
constexpr double kLargestL1 = 2.0;         // L1 distance of two laws, at most

}  // namespace

Precision PrecisionPolicy::of_products(double rounding) const {
  const bool some = rounding < kProductRounding;
  return some && single_products_ && choice_ != PrecisionChoice::full ? Precision::single
                                                                      : Precision::full;
}

void PrecisionPolicy::restart() {
  updates_ = choice_ == PrecisionChoice::full ? Precision::full : Precision::single;
  single_products_ = true;
  least_error_ = kLargestL1;
  stalled_ = 0;
}

void PrecisionPolicy::observe(double error) {
  stalled_ = error < least_error_ ? 0 : stalled_ + 1;
  least_error_ = std::min(least_error_, error);
}

bool PrecisionPolicy::review(double aim, double rounding) {
  if (choice_ != PrecisionChoice::automatic || updates_ == Precision::full) return false;
  if (!(aim < kMargin * rounding || rounding > kLargestRounding || stalled_ > kStall)) return false;
  updates_ = Precision::full;
  return true;
}

void PrecisionPolicy::distrust_updates() {
  if (choice_ == PrecisionChoice::automatic) updates_ = Precision::full;
}

}  // namespace otbridge
