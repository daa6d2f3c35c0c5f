#include "metrics/law_moments.hpp"

#include "measure/moments.hpp"

namespace otbridge {

Moments law_moments(const Law& law, const RandomStream& stream) {
  constexpr Index kDraws = 100000;
  MeanCovariance found = mean_covariance(law, kDraws, stream);
  return {std::move(found.mean), std::move(found.covariance)};
}

}  // namespace otbridge
