#include "entropic/answer_time.hpp"

#include <algorithm>
#include <utility>

namespace otbridge {
namespace {

// An iteration with its sums over all pairs, of both sides, in sweeps; in few dimensions, where
// exponentials are most of the work, single precision makes less than one of two.
constexpr double kStep = 2.0, kSpatialStep = 1.0;
// The same for the potentials of other clouds, where no guess spares a pass.
constexpr double kCarriedSweeps = 2.0, kSpatialCarriedSweeps = 1.0;
// The temperature, over the last one, up to which bounds leave out about as much: one step of the
// default scaling, and some.
constexpr double kSimilar = 2.5;
// Pairs in whose time what a sweep takes apart from them is little, and that keep all threads busy.
constexpr double kTelling = 1 << 22;

double pairs(const DiscreteProblem& problem) {
  return static_cast<double>(problem.a.size()) * static_cast<double>(problem.b.size());
}

}  // namespace

AnswerTime::AnswerTime(std::function<double()> clock, const DiscreteProblem& whole, double s2)
    : clock_(std::move(clock)), whole_(whole), s2_(s2) {}

// In many dimensions a sweep meets all pairs, and one says how long any takes. In few, bounds leave
// out more as the temperature falls: coarse levels far above the last say nothing about it, but are
// quick; whole clouds are swept once, which at a high temperature is an upper bound.
bool AnswerTime::worth_a_sweep(const Level& level, double pairs) const {
  if (level.group == 1 || !spatial()) return sweep_ == 0.0;
  return level.s2 <= kSimilar * s2_ && pairs >= kTelling;
}

void AnswerTime::sweep(DualIterate& iterate, double truncation) {
  const double begin = now();
  iterate.op().marginals(iterate.pair(), truncation);
  sweep_ = (now() - begin) * pairs(whole_) / pairs(iterate.clouds());
}

// Whole clouds are not entered lightly: to carry potentials there and the first step take sweeps,
// of which the clouds before tell for a quarter of one at most.
void AnswerTime::leave(const Level& level, const Level& next, DualIterate& iterate,
                       double truncation) {
  if (!clock_) return;
  const bool enough = level.group > 1 && pairs(iterate.clouds()) >= kTelling;
  if (next.group == 1 && sweep_ == 0.0 && enough) sweep(iterate, truncation);
  const auto over = [](Index pairs_as_one) { return 1.0 / static_cast<double>(pairs_as_one); };
  const double carried = level.group == next.group ? 0.0 : over(level.group * next.group);
  step_ = ((spatial() ? kSpatialCarriedSweeps : kCarriedSweeps) * carried +
           (spatial() ? kSpatialStep : kStep) * over(next.group * next.group)) *
          sweep_;
  since_ = now();
}

void AnswerTime::enter(const Level& level, DualIterate& iterate, double truncation) {
  if (!clock_) return;
  const double present = pairs(iterate.clouds());
  if (worth_a_sweep(level, present)) sweep(iterate, truncation);
  step_ = (spatial() ? kSpatialStep : kStep) * present / pairs(whole_) * sweep_;
  since_ = now();
}

void AnswerTime::next_step() {
  const double end = now();
  step_ = std::max(step_, end - since_);
  since_ = end;
}

}  // namespace otbridge
