// Heun: integrates dX = u(t, X) dt + sqrt(epsilon) dW over a step grid, either way, to second
// order.
//
// Forward, step k, of one draw Z:
//   P       = X_k + h_k u(t_k, X_k) + sqrt(epsilon h_k) Z,
//   X_{k+1} = X_k + h_k (u(t_k, X_k) + u(t_{k+1}, P)) / 2 + sqrt(epsilon h_k) Z.
// Backward the mirror image, u per unit of reversed time. The noise is additive, so weak order 2
// (Kloeden and Platen 1992, section 15.1); with epsilon = 0 Heun's method for ordinary equations,
// which draws nothing.
#pragma once

#include "sde/euler_maruyama.hpp"

namespace otbridge {

// As simulate_chain, with two evaluations of the drift in each step.
Points simulate_heun(const StepGrid& grid, const BatchDrift& drift, ConstPoints start,
                     Direction direction, const ChainNoise& noise, const ChainVisitor& visit = {});

}  // namespace otbridge
