// NewtonSchedule: whether the next iteration is a Newton step.
//
// At the final temperature, where over-relaxation at the rate last seen would take long; not among
// the first iterations of a level and not from afar, where the quadratic model says little. Once
// begun Newton steps go on; after one that failed over-relaxation has some iterations to itself.
#pragma once

#include <algorithm>
#include <cmath>

#include "otbridge/core/index.hpp"

namespace otbridge {

class NewtonSchedule {
 public:
  explicit NewtonSchedule(bool enabled) : enabled_(enabled) {}

  bool due() const { return due_; }

  // A new level. possible: at the final temperature.
  void restart(bool possible) {
    possible_ = possible;
    due_ = false;
    count_ = 0;
    previous_ = 2.0;  // L1 distance of two laws, at most
  }

  // After an iteration of the level, number `iteration` of all, with `left` to go.
  void observe(double error, double tolerance, Index iteration, Index left) {
    const double rate = error / previous_;
    previous_ = error;
    // error rate^kPatience > tolerance, in logarithms; a rate above 1 counts as slow.
    const bool slow = !(std::log(tolerance / error) >
                        static_cast<double>(kPatience) * std::log(std::min(rate, 1.0)));
    due_ = enabled_ && possible_ && ++count_ > kFirst && error < kNear && (due_ || slow) &&
           iteration >= next_ && left > kPatience;
  }

  void failed(Index iteration) { next_ = iteration + kPatience; }

 private:
  static constexpr Index kPatience = 12;  // iterations that over-relaxation is given
  static constexpr Index kFirst = 4;
  static constexpr double kNear = 0.3;  // L1 error

  bool enabled_, possible_ = false, due_ = false;
  Index count_ = 0;  // iterations of the level
  Index next_ = 0;   // the iteration of all before which none is due
  double previous_ = 2.0;
};

}  // namespace otbridge
