// The moments that a target is scored by.
#pragma once

#include "otbridge/measure/measure.hpp"
#include "otbridge/metrics/bures_wasserstein.hpp"

namespace otbridge {

// The law's own where it knows them, else those of 100000 draws. O(d^2) memory.
Moments law_moments(const Law& law, const RandomStream& stream);

}  // namespace otbridge
