// Moments of a law: the ones it knows, or population moments (divided by n) of n draws.
//
// Three forms, so that nobody pays for more of the second moment than it reads: the covariance
// matrix, the variance of each coordinate, and their sum. Drawing costs O(n d) and keeps n x d
// numbers; draws are those of law.sample(n, stream), so every caller decides the stream it uses. In
// more dimensions than Gaussian::kMostDimensions variances and spread are of draws, of fewer where
// n x d would be above 2^26 numbers; of a cloud they are its own.
#pragma once

#include "otbridge/measure/measure.hpp"

namespace otbridge {

// O(n d^2) from draws.
struct MeanCovariance {
  Vector mean;
  Matrix covariance;  // d x d
  bool known;         // given by the law itself, without a draw
};
MeanCovariance mean_covariance(const Law& law, Index n, const RandomStream& stream);

// O(n d) from draws.
struct MeanVariances {
  Eigen::RowVectorXd mean, variance;  // per coordinate
};
MeanVariances mean_variances(const Law& law, Index n, const RandomStream& stream);

// A cloud is summed in O(size d), without its d x d covariance.
struct MeanSpread {
  Vector mean;
  double spread;  // E|x - mean|^2, the trace of the covariance
};
MeanSpread mean_spread(const Law& law, Index n, const RandomStream& stream);

}  // namespace otbridge
