// Lexicographic order of points: by the first coordinate, then by the next; equal points adjoin.
#pragma once

#include <algorithm>
#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

// Whether p comes before q. Zeros of either sign are equal; O(d).
template <class P, class Q>
bool lexicographically_before(const P& p, const Q& q) {
  return std::lexicographical_compare(p.begin(), p.end(), q.begin(), q.end());
}

// The rows in that order, equal ones by number, so that it is the only one. O(n log n) comparisons.
std::vector<Index> lexicographic_order(ConstPoints points);

}  // namespace otbridge
