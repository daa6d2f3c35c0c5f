// The direction of a Newton step on the dual with f eliminated, by conjugate gradients.
//
// With f exact, the dual as a function of g has gradient b - c and Hessian -S / s^2, where c is the
// column marginal and S = diag(c) - pi^T diag(1/a) pi (positive, constants in its kernel). Solved
// is the damped S + lambda diag(c), lambda a small multiple of the L1 error. Products with S are
// two half sweeps, matrix-free, or two sparse products where pairs are kept. The graph of those
// preconditions, or that of the strongest pairs where the diagonal of S is found to do too little
// (entropic/plan_graph.hpp). Sources: Brauer, Clason, Lorenz, Wirth 2017 (Sinkhorn-
// Newton); Dembo, Eisenstat, Steihaug 1982 (truncation); Cuturi, Peyre 2018 (semi-dual).
#pragma once

#include <functional>

#include "entropic/transform_operator.hpp"

namespace otbridge {

struct DirectionControl {
  double forcing;                 // residual_ratio at which it is good enough
  Index products;                 // limit on products with S
  Accuracy accuracy;              // of those
  std::function<bool()> proceed;  // asked before each product; false ends the solve
};

struct NewtonDirection {
  Vector delta;           // of g, in units of s^2: the best iterate
  Index products;         // taken
  double residual_ratio;  // |r| / |b - c| in the norm of 1/c
};

// pair: f exact for g; columns: its column marginal c. Stops as the control says, or where rounding
// has taken over. O(n m d) per product.
NewtonDirection newton_direction(TransformOperator& op, const DualPair& pair, const Vector& columns,
                                 const DirectionControl& control);

}  // namespace otbridge
