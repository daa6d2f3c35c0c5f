#include "neural/time_embedding.hpp"

#include <cmath>

namespace otbridge {

Eigen::RowVectorXd time_embedding(double t, Index features) {
  constexpr double kHighest = 32.0;  // radians per unit time
  Eigen::RowVectorXd embedding = Eigen::RowVectorXd::Zero(features);
  const Index half = features / 2;
  for (Index j = 0; j < half; ++j) {
    // w_j = 32^(j / (half - 1)); a single frequency is 1.
    const double exponent = half > 1 ? static_cast<double>(j) / static_cast<double>(half - 1) : 0.0;
    const double angle = std::pow(kHighest, exponent) * t;
    embedding[j] = std::sin(angle);
    embedding[half + j] = std::cos(angle);
  }
  return embedding;
}

}  // namespace otbridge
