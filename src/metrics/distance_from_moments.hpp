// DistanceFromMoments: Bures-Wasserstein distances of many moments from the same ones, whose factor
// is found once.
#pragma once

#include "otbridge/metrics/bures_wasserstein.hpp"

namespace otbridge {

class DistanceFromMoments {
 public:
  DistanceFromMoments() = default;
  explicit DistanceFromMoments(const Moments& from);  // O(d^3)

  // As bures_wasserstein2, of the same dimension. O(d^3): two products and eigenvalues.
  double operator()(const Moments& to) const;

 private:
  Vector mean_;
  Matrix factor_;  // L with S = L L^T
  double trace_ = 0.0;
};

}  // namespace otbridge
