// DiscreteProblem: two weighted clouds as the ascent takes them; DualPair: a potential on each.
#pragma once

#include "otbridge/core/points.hpp"

namespace otbridge {

enum class Side { source, target };
constexpr Side other_side(Side side) { return side == Side::source ? Side::target : Side::source; }

struct DiscreteProblem {
  Points x, y;  // n x d, m x d; centred, of order 1, in spatial order (core/spatial_order.hpp)
  Vector a, b;  // positive, each of sum 1

  const Vector& weights(Side side) const { return side == Side::source ? a : b; }
};

// f on the source and g on the target, in units of the cost.
struct DualPair {
  Vector f, g;

  Vector& of(Side side) { return side == Side::source ? f : g; }
  const Vector& of(Side side) const { return side == Side::source ? f : g; }
};

}  // namespace otbridge
