// What it costs to move a unit of mass from x to y.
#pragma once

#include <cmath>

#include "core/half_squared.hpp"

namespace otbridge {

enum class Ground {
  half_squared,  // |x - y|^2 / 2
  distance,      // |x - y|
};

template <class A, class B>
inline double ground_cost(Ground ground, const A& x, const B& y) {
  const double half = half_squared(x, y);
  return ground == Ground::distance ? std::sqrt(2.0 * half) : half;
}

}  // namespace otbridge
