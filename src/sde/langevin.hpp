// Langevin steps: draw states towards a law that is known by its score s = grad log p, at one time.
//
//   x' = x + delta s(x) + sqrt(2 delta (1 - r^2)) Z,   delta = 2 r^2 d / E_p|s|^2.
//
// The corrector of Song et al. 2021 (Algorithms 4 and 5) with expectations in place of the means of
// the batch, so that a row does not depend on the rows around it: r is the size of the move by the
// score over that by the noise. The factor 1 - r^2 is ours: E_p[x . s] = -d, so that with it a step
// from p leaves E|x|^2 as it is, to the last bit of the expectation, where the plain noise adds
// delta^2 E|s|^2 each time. Stable while delta times the largest curvature of -log p is below 2; in
// an isotropic Gaussian it is 2 r^2 = 0.05.
#pragma once

#include "sde/chain.hpp"

namespace otbridge {

inline constexpr double kLangevinRatio = 0.16;  // r, as published

struct LangevinSize {
  double length, variance;  // delta and that of the noise, in squared units of length
};
// mean_square: E_p|s|^2 > 0, the trace of the Fisher information of location, per squared length.
LangevinSize langevin_size(double mean_square, Index dimension);

// score: s at the rows of x. The noise's draws of step j. O(n d).
Points langevin_step(ConstPoints x, ConstPoints score, const LangevinSize& size, Index j,
                     const ChainNoise& noise);

}  // namespace otbridge
