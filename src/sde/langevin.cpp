#include "sde/langevin.hpp"

namespace otbridge {

LangevinSize langevin_size(double mean_square, Index dimension) {
  constexpr double kSquaredRatio = kLangevinRatio * kLangevinRatio;
  const double length = 2.0 * kSquaredRatio * static_cast<double>(dimension) / mean_square;
  return {length, 2.0 * length * (1.0 - kSquaredRatio)};
}

Points langevin_step(ConstPoints x, ConstPoints score, const LangevinSize& size, Index j,
                     const ChainNoise& noise) {
  return arrive(x + size.length * score, size.variance, j, noise);
}

}  // namespace otbridge
