// How many shapes a mixture bridge has, and how far their covariances are drawn together: by the
// loss on points that the trial fits have not seen.
#pragma once

#include <algorithm>

#include "mixture/fit.hpp"

namespace otbridge {

// A cloud about its mean in units of s; weights > 0 of sum 1.
struct MixtureSide {
  Points points;
  Vector weights;

  // Of as many points of equal weight a mean scatters as much.
  double size() const { return 1.0 / weights.squaredNorm(); }
};

// The rows order[begin] to order[end - 1], their weights normalised.
MixtureSide part_of(const MixtureSide& side, const std::vector<Index>& order, Index begin,
                    Index end);

// By how much a loss on draws kept aside falls, over its distance from that on what is seen, with
// as many points instead of `size`: what is seen is explained better than the law by about as much
// as what is not seen worse.
inline double closed_gap(double size, double points) {
  return 0.5 * (1.0 - size / std::max(size, points));
}

inline double shape_parameters(Index dimension, bool full) {
  const auto d = static_cast<double>(dimension);
  return full ? 0.5 * d * (d + 3.0) + 1.0 : 2.0 * d + 1.0;
}

// Whether the parameters of all shapes outnumber the points of a cloud: then shapes are what the
// prior makes of them, and what many draws will make of them is not known.
inline bool underdetermined(Index components, Index dimension, bool full, double size) {
  return shape_parameters(dimension, full) * static_cast<double>(components) > size;
}

struct MixtureChoice {
  Index components = 1;
  double shrinkage = 0.0;              // in points: MixtureControl::shrinkage times their number
  std::vector<PotentialShape> shapes;  // of the trial that was chosen; empty: there was none
};

// Trials on at most 5000 points of either side, for a fit to `points` of them or of fresh draws;
// control.components = 0: their number is chosen too. A lone component is not shrunk: it is the
// bridge of the moments.
MixtureChoice choose_mixture(const MixtureSide& near, const MixtureSide& far,
                             const MixtureControl& control, double points,
                             const RandomStream& stream);

}  // namespace otbridge
