// AnswerTime: how long an ascent that is cut short will still take, by a clock of its caller.
//
// After a word to stop some sweeps over all pairs of the whole clouds are left to do, and before it
// can be heard the rest of a step. Without a clock nothing is timed and every estimate is 0.
#pragma once

#include <functional>

#include "entropic/dual_iterate.hpp"
#include "sweep/tiled_cloud.hpp"

namespace otbridge {

class AnswerTime {
 public:
  // clock: seconds since some moment, or empty. whole: kept by reference; s2: of the last level.
  AnswerTime(std::function<double()> clock, const DiscreteProblem& whole, double s2);

  // Before the iterate goes on from one level to the next. If those are the whole clouds and
  // nothing is known of them, sweeps the present ones once.
  void leave(const Level& level, const Level& next, DualIterate& iterate, double truncation);
  // At the beginning of a level, which the iterate has entered: sweeps its clouds once if that
  // tells more than what is known.
  void enter(const Level& level, DualIterate& iterate, double truncation);
  // Another step begins, which may take as long as the longest of this level, or as two sums.
  void next_step();
  // What comes between two steps is none.
  void skip() { since_ = now(); }

  // Of one step, or several at once, and `sweeps` over the whole clouds.
  double estimate(double sweeps, int steps = 1) const { return steps * step_ + sweeps * sweep_; }

 private:
  double now() const { return clock_ ? clock_() : 0.0; }
  bool spatial() const { return whole_.x.cols() <= kLargestSpatialDimension; }
  bool worth_a_sweep(const Level& level, double pairs) const;
  void sweep(DualIterate& iterate, double truncation);

  std::function<double()> clock_;
  const DiscreteProblem& whole_;
  double s2_;
  double sweep_ = 0.0;  // over the whole clouds in double; 0: not known
  double step_ = 0.0;   // the longest of the level
  double since_ = 0.0;  // when the present step began
};

}  // namespace otbridge
