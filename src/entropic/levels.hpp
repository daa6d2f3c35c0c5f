// LevelSequence: the way of the ascent: falling temperatures on growing clouds.
//
// From an eighth of the largest cost down to s^2 by the factor `scaling`, on clouds no finer than
// the temperature can tell; then, at s^2, on finer clouds up to the whole ones. Levels are made one
// by one: a factor near 1 costs no memory. Sources: Kosowsky, Yuille 1994 (epsilon scaling);
// Schmitzer 2019 (scaling with coarse to fine).
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "entropic/coarsening.hpp"

namespace otbridge {

struct Level {
  double s2;         // its temperature
  Index group;       // points that it takes as one, in the mean (entropic/coarsening.hpp)
  double tolerance;  // L1 error at which it has served
  Index iterations = std::numeric_limits<Index>::max();  // after which it has, whatever the error
  bool last = false;                                     // at s^2 on the whole clouds
};

class LevelSequence {
 public:
  // s2, tolerance: of the last level. scaling in (0, 1]; 1 leaves the last level only. O(n d).
  LevelSequence(const Coarsening& clouds, double s2, double scaling, double tolerance);

  Level last() const { return {.s2 = s2_, .group = 1, .tolerance = tolerance_, .last = true}; }
  // The levels in order, the last one included; then empty.
  std::optional<Level> next();

 private:
  Index group_for(double variance) const;

  double s2_, scaling_, tolerance_;
  std::vector<double> variances_;  // within groups of 2^k points
  double warmer_ = 0.0;            // the next temperature above s^2
  Index coarser_ = 0;              // the next group at s^2, before the whole clouds
  bool ended_ = false;
};

}  // namespace otbridge
