#include "entropic/line_search.hpp"

#include <cmath>

namespace otbridge {
namespace {

constexpr int kTries = 8;
constexpr double kShare = 1e-4;         // of the rise that the slope promises: Armijo's constant
constexpr double kSumRounding = 1e-10;  // of a sum of many terms of the function, relatively

}  // namespace

std::optional<FoundStep> backtrack(double value, double slope,
                                   const std::function<double(double length)>& value_at) {
  if (!(slope > 0.0)) return std::nullopt;  // NaN included
  double length = 1.0;
  for (int tries = 0; tries < kTries; ++tries, length *= 0.5) {
    const double rise = value_at(length) - value;
    if (length * slope < kSumRounding * std::abs(value)) return FoundStep{length, false};
    if (rise >= kShare * length * slope) return FoundStep{length, true};
  }
  return std::nullopt;
}

}  // namespace otbridge
