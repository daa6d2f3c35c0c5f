// Euler-Maruyama: integrates dX = b(t, X) dt + sqrt(epsilon) dW over a step grid, either way.
//
// Forward, step k:  X_{k+1} = X_k + h_k b(t_k, X_k) + sqrt(epsilon h_k) Z.
// Backward, step k: X_k = X_{k+1} + h_k b(t_{k+1}, X_{k+1}) + sqrt(epsilon h_k) Z, b per unit of
// reversed time (the convention of the Drift face). Weak order 1 (Kloeden and Platen 1992).
#pragma once

#include <functional>
#include <span>

#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"
#include "sde/step_grid.hpp"

namespace otbridge {

// Row i of the result is the drift at (t, row i of x). Must not depend on how rows are batched.
using BatchDrift = std::function<Points(double t, ConstPoints x)>;

// The two ends of a step as the chain passes it: it leaves node `from` and arrives at node `to`.
struct ChainStep {
  Index from, to;
  double length;
};
// j-th step of the chain in the given direction, 0 <= j < N.
ChainStep chain_step(const StepGrid& grid, Index j, Direction direction);

struct ChainNoise {
  double epsilon;
  RandomStream stream;  // row i of x uses the draws of (row(i), step j)
  Index first_row = 0;
  std::span<const Index> rows = {};  // where given, row(i) = rows[i], else first_row + i
  double sign = 1.0;                 // -1: the antithetic chain

  Index row(Index i) const { return rows.empty() ? first_row + i : rows[to_size(i)]; }
};

// mean + sqrt(epsilon length) Z: where the j-th step arrives if its drift leads to mean. O(n d).
Points arrive(ConstPoints mean, double length, Index j, const ChainNoise& noise);

// Called with each node of the grid as the chain reaches it, the start included.
using ChainVisitor = std::function<void(Index node, ConstPoints x)>;

// Returns the state at the far end. visit may be empty.
Points simulate_chain(const StepGrid& grid, const BatchDrift& drift, ConstPoints start,
                      Direction direction, const ChainNoise& noise, const ChainVisitor& visit = {});

}  // namespace otbridge
