#include "metrics/measurements.hpp"

#include <algorithm>
#include <utility>

namespace otbridge {
namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

void Measurements::begin_stage(std::string of, std::vector<Part> parts) {
  of_ = std::move(of);
  parts_ = std::move(parts);
  stage_began_ = Clock::now();
}

void Measurements::begin(const char* part) {
  end_part();
  running_ = part;
  part_began_ = Clock::now();
  if (!observer_) return;
  // What is expected of a part is worth this machine's seconds by the parts that are known.
  double known = 0.0, expected = 0.0;
  for (const Part& one : parts_) {
    const auto taken = taken_.find(one.name);
    if (taken == taken_.end()) continue;
    known += taken->second;
    expected += one.expected;
  }
  const double unit = expected > 0.0 ? known / expected : 1.0;
  double before = 0.0, all = 0.0;
  for (const Part& one : parts_) {
    if (one.name == part) before = all;
    const auto taken = taken_.find(one.name);
    all += taken == taken_.end() ? unit * one.expected : taken->second;
  }
  Progress progress;
  progress.phase = of_ + ": " + part;
  progress.seconds = seconds_since(stage_began_);
  progress.fraction = all > 0.0 ? std::min(before / all, 1.0) : 0.0;
  observer_(progress);
}

void Measurements::end_stage() { end_part(); }

void Measurements::end_part() {
  if (running_ != nullptr) taken_[running_] = seconds_since(part_began_);
  running_ = nullptr;
}

}  // namespace otbridge
