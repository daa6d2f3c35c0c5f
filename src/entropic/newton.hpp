// One Newton step on the dual with f eliminated: a truncated solve by conjugate gradients.
//
// With f exact, the dual as a function of g has gradient b - c and Hessian -S / s^2, where c is the
// column marginal and S = diag(c) - pi^T diag(1/a) pi (positive, constants in its kernel). Products
// with S are two half sweeps, matrix-free. Sources: Brauer, Clason, Lorenz, Wirth 2017 (Sinkhorn-
// Newton); Dembo, Eisenstat, Steihaug 1982 (truncation); Cuturi, Peyre 2018 (semi-dual).
#pragma once

#include <functional>

#include "entropic/transform_operator.hpp"

namespace otbridge {

struct NewtonDirection {
  Vector delta;           // of g, in units of s^2
  Index products;         // with S
  double residual_ratio;  // |r| / |b - c| in the norm of 1/c
};

// f: exact for g; columns: the column marginal; stops at residual_ratio <= forcing, after `limit`
// products, where rounding has taken over, or when interrupted() says so; the best iterate counts.
NewtonDirection newton_direction(const TransformOperator& op, const Vector& f, const Vector& g,
                                 const Vector& columns, double forcing, Index limit,
                                 Precision precision, double truncation,
                                 const std::function<bool()>& interrupted);

}  // namespace otbridge
