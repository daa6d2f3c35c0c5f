// with_sampler: a plan moved by a chain of the caller's choice: its noise, its steps, a corrector.
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
// The marginals stay, the coupling does not: that of r = 1 alone, without corrector, is the
// Schroedinger coupling.
#pragma once

#include <memory>
#include <string>

#include "otbridge/plan/transport_plan.hpp"

namespace otbridge {

struct SamplerSettings {
  double noise = 1.0;  // r = eta / epsilon, in [0, kMostNoise], without a unit
  // "euler" (weak order 1, one drift a step) or "heun" (weak order 2, two). Empty: euler for the
  // bridge of a drift that was learned as that of such a chain (dsb), else heun.
  std::string stepper = {};
  // Over [0, 1], of the schedule; 2 or more. 0: the times that a learned drift was trained for, 100
  // steps for one that is computed. Each is cut into ceil(r) for r > 1, so that the mixing within
  // one is no faster than the bridge's own.
  Index steps = 0;
  std::string schedule = "triangular";  // or "uniform"; triangular is short at both ends
  bool denoise_last = false;            // the last step arrives at its mean, without noise
  // Langevin steps by the score (f + b) / epsilon after each step but the last, at its time (the
  // predictor-corrector of Song et al. 2021). They draw towards p_t what the steps did not hit, and
  // loosen the two ends of a path from each other.
  Index corrector = 0;
  Index map_samples = 32;  // chains behind a row of map() that has noise
};
inline constexpr double kMostNoise = 100.0;
inline constexpr Index kMostSamplerSteps = 10000, kMostCorrections = 1000;

// A plan that samples, maps and draws paths by that chain; its problem, its end points and its name
// are those of `plan`, which must outlive it. It has no faces and no file form.
//
// With the settings as they are by default every answer is that of `plan`, to the bit. Otherwise
// O(steps (1 + corrector)) evaluations of both drifts, twice that with heun. The sizes of the
// corrector's steps come from 512 paths of the plan, drawn once under seed 0: a row is the same in
// any batch. Asked times of paths are further steps, and nothing is corrected at them. Drifts are
// asked for up to the last node that is not the far end, where they may be unbounded.
//
// What is off: on a law without a density, as a cloud, p_0 has no score, and less noise than the
// bridge's cannot split an atom: each point starts as the middle of the small Gaussian that it
// becomes. Where one direction of the plan is the reference's (trained() is false), p_t are the
// laws of the process whose reversal the other one learned.
//
// Throws InvalidInput for a plan without a drift, for one trained in neither direction unless
// r = 1 without corrector, and for settings out of range.
std::unique_ptr<const TransportPlan> with_sampler(const TransportPlan& plan,
                                                  const SamplerSettings& settings);

}  // namespace otbridge
