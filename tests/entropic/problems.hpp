// A discrete problem as the entropic room takes it: clouds in spatial order, unequal weights.
#pragma once

#include "../sweep/clouds.hpp"
#include "entropic/transform_operator.hpp"

namespace otbridge {

inline DiscreteProblem clustered_problem(Index n, Index m, Index d) {
  DiscreteProblem p;
  p.x = ordered(clustered(n, d, 1, 0.6) / 4.0);
  p.y = ordered(clustered(m, d, 5, 0.6) / 4.0);
  p.a = Vector::LinSpaced(n, 1.0, 3.0);
  p.b = Vector::LinSpaced(m, 2.0, 1.0);
  p.a /= p.a.sum();
  p.b /= p.b.sum();
  return p;
}

}  // namespace otbridge
