// The discrete Sinkhorn iteration in 50 digits, from hot to cold: the oracle at the ends of the
// scale, where doubles hold neither the weights nor the differences of costs.
#pragma once

#include "otbridge/core/points.hpp"

namespace otbridge::testing {

struct FiftyDigitAnswer {
  bool converged;              // marginals to 1e-20
  double value_linear, value;  // of the plan
  double dual_value;           // a lower bound on the optimum, converged or not
  Points map;                  // conditional means of the source points
};

// Costs |x - y|^2 / 2; weights of any sum.
FiftyDigitAnswer fifty_digit_sinkhorn(const Points& x, const Vector& a, const Points& y,
                                      const Vector& b, double s2, int iterations);

}  // namespace otbridge::testing
