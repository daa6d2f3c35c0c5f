#include "entropic/answer_time.hpp"

#include <algorithm>
#include <utility>

namespace otbridge {
namespace {

// An iteration with its sums over all pairs, of both sides; in few dimensions, where exponentials
// are most of the work, single precision makes less than one of two.
constexpr double kStep = 2.0, kSpatialStep = 1.0;
// The temperature, over the last one, up to which bounds leave out about as much: one step of the
// default scaling, and some.
constexpr double kSimilar = 2.5;

double pairs(const DiscreteProblem& problem) {
  return static_cast<double>(problem.a.size()) * static_cast<double>(problem.b.size());
}

}  // namespace

AnswerTime::AnswerTime(std::function<double()> clock, const DiscreteProblem& whole, double s2)
    : clock_(std::move(clock)), whole_(whole), s2_(s2) {}

// In many dimensions a sweep meets all pairs, and one says how long any takes. In few, bounds leave
// out more as the temperature falls: coarse levels far above the last say nothing about it, but are
// quick; whole clouds are swept once, which at a high temperature is an upper bound.
bool AnswerTime::worth_a_sweep(const Level& level) const {
  if (level.group == 1 || !spatial()) return sweep_ == 0.0;
  return level.s2 <= kSimilar * s2_;
}

void AnswerTime::enter(const Level& level, DualIterate& iterate, double truncation) {
  if (!clock_) return;
  const double share = pairs(iterate.clouds()) / pairs(whole_);
  if (worth_a_sweep(level)) {
    const double begin = now();
    iterate.op().marginals(iterate.pair(), truncation);
    sweep_ = (now() - begin) / share;
  }
  step_ = (spatial() ? kSpatialStep : kStep) * share * sweep_;
  since_ = now();
}

void AnswerTime::next_step() {
  const double end = now();
  step_ = std::max(step_, end - since_);
  since_ = end;
}

}  // namespace otbridge
