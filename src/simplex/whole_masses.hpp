// Masses as whole numbers, so that flows and their sums are exact.
#pragma once

#include <cstdint>
#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

using Mass = std::int64_t;

struct WholeMasses {
  std::vector<Mass> supply, demand;  // positive, of equal sums
  double unit;                       // a weight is about unit times its whole number
};

// a, b: positive, each of sum 1. Equal weights on each side become their exact ratio; others are
// rounded to multiples of 2^-61, at least one, and the largest weight of a side takes up the rest.
WholeMasses whole_masses(const Vector& a, const Vector& b);

}  // namespace otbridge
