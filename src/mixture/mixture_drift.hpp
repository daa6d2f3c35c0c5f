// The forward drift of a mixture bridge, in closed form.
#pragma once

#include "measure/mixture_potential.hpp"
#include "otbridge/reference/reference.hpp"

namespace otbridge {

// y given X_t, over the time that is left.
inline GaussianKernel kernel_from(const ReferenceProcess& reference, double t) {
  return {reference.decay(1.0 - t), reference.variance(1.0 - t)};
}

// -theta x + eps grad log h(t, x), h(t, x) = int phi(y) N(y; a_{1-t} x, v_{1-t} I) dy; t in [0, 1].
// What MixturePotential::score takes and throws.
inline Points mixture_drift(const ReferenceProcess& reference, const MixturePotential& potential,
                            double t, ConstPoints x) {
  const GaussianKernel left = kernel_from(reference, t);
  return reference.epsilon() * left.decay * potential.score(x, left) - reference.theta() * x;
}

}  // namespace otbridge
