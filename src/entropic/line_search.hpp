// Backtracking along a direction of ascent: the step is halved until the function has risen enough.
//
// Enough is a fixed share of what the slope promises (Armijo 1966). Near the maximum the rise falls
// below the rounding of the function; the search then leaves the judgement to its caller.
#pragma once

#include <functional>
#include <optional>

namespace otbridge {

struct FoundStep {
  double length;   // 2^-k, of the direction
  bool confirmed;  // by a rise; otherwise that is lost in rounding
};

// value, slope: of the function and along the direction at length 0. value_at: called for lengths
// 1, 1/2, ...; the last call is for the length returned. Empty after 8 calls, and for a slope that
// is not positive.
std::optional<FoundStep> backtrack(double value, double slope,
                                   const std::function<double(double length)>& value_at);

}  // namespace otbridge
