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

// One step as the chain takes it, each array n x d: from the states at node `from`, by the drift to
// their conditional means, by the noise to the states at node `to`.
struct ChainStep {
  Index number;    // j-th of the chain, 0 <= j < N: the step of its random draws
  Index from, to;  // nodes of the grid, neighbours; to < from going backward
  double length;   // h > 0 in either direction
  const Points &departure, &mean, &arrival;
};
// Sees every step in the order of the chain. The arrays live as long as the call.
using ChainVisitor = std::function<void(const ChainStep& step)>;

// The one loop over a chain. Returns the state at the far end. visit may be empty. O(N n (d +
// drift)), memory O(n d).
Points simulate_chain(const StepGrid& grid, const BatchDrift& drift, ConstPoints start,
                      Direction direction, const ChainNoise& noise, const ChainVisitor& visit = {});

}  // namespace otbridge
