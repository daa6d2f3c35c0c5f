// The drift of an Ornstein-Uhlenbeck process, whose moments are known.
#pragma once

#include "otbridge/core/points.hpp"

namespace otbridge {

inline constexpr double kTheta = 1.5, kEpsilon = 0.8;

inline Points reversion(double, ConstPoints x) { return -kTheta * x; }

}  // namespace otbridge
