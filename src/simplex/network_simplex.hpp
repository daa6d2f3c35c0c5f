// The optimal transport of whole masses between two clouds with cost |x - y|^2 / 2 or
// |x - y|.
//
// Primal network simplex on a list of candidate arcs, about a dozen per point, which grows by the
// arcs that violate the dual until no pair of all n m does. The start comes from the optimum of
// coarser clouds: its potentials, carried over by hard c-transforms, choose candidates, and an
// auction among these (simplex/auction.hpp) makes the first transport, but for a small rest, which
// is solved as a problem of its own. Costs are computed where they are needed. Memory O((n + m) d),
// time at most O(n m d) per sweep over the pairs (in few dimensions bounds leave out most of them),
// a few dozen sweeps, and the pivots. Sources: Dantzig 1951; Cunningham 1976 (no cycling); Bonneel,
// van de Panne, Paris, Heidrich 2011 (block search for transport); Merigot 2011 and Schmitzer 2016
// (coarse to fine, sparse arcs).
#pragma once

#include <functional>
#include <limits>
#include <optional>

#include "simplex/transport_tree.hpp"

namespace otbridge {

struct SimplexProblem {
  Points x, y;                       // n x d, m x d; of order 1, about the origin, in spatial order
  std::vector<Mass> supply, demand;  // positive, of equal sums
  Ground ground = Ground::half_squared;
};

struct SimplexProgress {
  Index pivots;     // so far, all levels
  double fraction;  // estimate of the work done, in [0, 1]
  // After a sweep over all pairs: an upper bound on cost - optimum per unit of mass.
  std::optional<double> gap;
};

struct SimplexControl {
  Index pivots = std::numeric_limits<Index>::max();          // limit on pivots, all levels
  std::function<bool(const SimplexProgress&)> proceed = {};  // called now and then; false stops
  // Asked once stopped: whether to answer without further sweeps over all pairs, and thus without a
  // bound.
  std::function<bool()> in_haste = {};
};

enum class SimplexOutcome { optimal, pivot_limit, stopped };

struct SimplexAnswer {
  std::vector<TransportTree::Flow> flows;  // ships all masses, whatever the outcome
  bool bounded = true;  // false after a stop in haste: f and g are any, the violation is not known
  Vector f, g;          // optimal, or the best feasible ones known
  double worst_violation = 0.0;  // largest f_i + g_j - c_ij, or 0
  Index pivots = 0;              // all levels
  SimplexOutcome outcome = SimplexOutcome::optimal;
};

// The result does not depend on the number of threads.
SimplexAnswer solve_simplex(const SimplexProblem& problem, const SimplexControl& control = {});

}  // namespace otbridge
