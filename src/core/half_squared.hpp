// half_squared: the ground cost |x - y|^2 / 2 of two points, from differences of coordinates.
//
// Any two vectors of one shape; O(d). No digits are lost where the points are close, as they are in
// |x|^2 + |y|^2 - 2 <x, y>.
#pragma once

namespace otbridge {

// inline, as a hint: it stands in loops over pairs, where a call would cost as much as the work.
template <class A, class B>
inline double half_squared(const A& x, const B& y) {
  return 0.5 * (x - y).squaredNorm();
}

}  // namespace otbridge
