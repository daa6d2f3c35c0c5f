// A truncated Newton step on the dual: f eliminated, a direction for g, a line search along it.
#pragma once

#include <functional>

#include "entropic/dual_iterate.hpp"
#include "entropic/precision_policy.hpp"

namespace otbridge {

struct NewtonControl {
  double tolerance;   // L1 error that is wanted
  Accuracy accuracy;  // of the updates
  Index iterations;   // that are left; a product with the Hessian is one
  // Asked before each product, which is an iteration's worth of sums, and before the line search,
  // which is two; false ends both.
  std::function<bool(int iterations)> proceed;
};

struct NewtonStep {
  MarginalGap errors;  // of the pair reached
  Index iterations;    // taken
  bool failed;         // no length served: the pair is the one before the step
  bool held_back;      // some potential would have gone further than a step is trusted to take it
};

// The share of the residual that a direction may leave, so that the step reaches the tolerance or,
// from afar, converges superlinearly.
double newton_forcing(double error, double tolerance);

// Two sweeps, two for each product, two for each length tried, O(n m d) each.
NewtonStep newton_step(DualIterate& iterate, PrecisionPolicy& policy, const NewtonControl& control);

}  // namespace otbridge
