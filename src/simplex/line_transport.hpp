// The optimal transport of whole masses on the line, by sorting.
//
// Costs that are convex in y - x are Monge: the monotone plan is optimal, and so are the potentials
// that make its staircase tight. O((n + m) log(n + m)) time, O(n + m) memory. Sources: Hoffman 1963
// (north-west corner rule); Villani 2003, theorem 2.18.
#pragma once

#include "simplex/network_simplex.hpp"

namespace otbridge {

// As solve_simplex answers, for points of one dimension, without pivots. worst_violation is a bound
// on what rounding does to the potentials.
SimplexAnswer solve_on_line(const SimplexProblem& problem);

}  // namespace otbridge
