// with_noise: processes with the marginals of a plan's bridge, under more noise, less, or none.
//
// Let f be the forward drift of the plan, b its backward drift per unit of reversed time and p_t
// the law of X_t, so that f + b = epsilon grad log p_t. For every r = eta / epsilon >= 0 the
// process
//   forward   dX = [ (f - b) / 2 + (r / 2) (f + b) ] dt + sqrt(r epsilon) dW,
//   backward  the same in reversed time, f and b in each other's places,
// has the marginals p_t (Cao, Chen, Luo, Zhou 2023, arXiv 2306.02063, for diffusion models; the
// bridge is their reversal from either end). r = 1 is the bridge. r = 0 is the probability-flow
// ordinary equation: one path from each start, no two of which meet, and its backward map is the
// inverse of the forward one. r > 1 mixes more: errors of the drift at early times are forgotten,
// those next to the end weigh more.
//
// The marginals stay, the coupling does not: that of r = 1 alone is the Schroedinger coupling.
#pragma once

#include <memory>

#include "otbridge/plan/transport_plan.hpp"

namespace otbridge {

struct NoiseSettings {
  double ratio = 1.0;  // r = eta / epsilon, in [0, kMostNoise], without a unit
  // Of a computed drift: steps over [0, 1], short at both ends, where drifts of bridges are steep.
  // A learned one is simulated over the times it was trained for.
  Index steps = 100;
  Index map_samples = 32;  // chains behind a row of map() where r is neither 0 nor 1
};
inline constexpr double kMostNoise = 100.0;

// A plan that samples, maps and draws paths by that process; its problem, its end points and its
// name are those of `plan`, which must outlive it. It has no faces and no file form.
//
// With r = 1 every answer is that of `plan`, to the bit. Otherwise chains by Heun's method, of
// second order, deterministic where r = 0: O(steps ceil(r)) evaluations of both drifts, twice. A
// step is cut into ceil(r) for r > 1, so that the mixing within one is no faster than the bridge's
// own. Drifts are asked for up to the last step but not at the far end, where they may be
// unbounded.
//
// What is off: on a law without a density, as a cloud, p_0 has no score, and less noise than the
// bridge's cannot split an atom: each point starts as the middle of the small Gaussian that it
// becomes. Where one direction of the plan is the reference's (trained() is false), p_t are the
// laws of the process whose reversal the other one learned.
//
// Throws InvalidInput for a plan without a drift, for one trained in neither direction, and for
// settings out of range.
std::unique_ptr<const TransportPlan> with_noise(const TransportPlan& plan,
                                                const NoiseSettings& settings);

}  // namespace otbridge
