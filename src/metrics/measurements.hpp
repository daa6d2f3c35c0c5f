// What the observer of a comparison is told while it measures.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "otbridge/metrics/plan_metrics.hpp"
#include "otbridge/solve/context.hpp"

namespace otbridge {

// Measurements come in stages, the scores of a row for instance. Of a stage those are done by the
// seconds that they take: as many as the last of the same name took, or, where there was none yet,
// in the proportions that they are expected in.
class Measurements {
 public:
  struct Part {
    const char* name;
    double expected;  // seconds, on some machine
  };

  // The observer outlives this; it may be empty.
  explicit Measurements(const Observer& observer) : observer_(observer) {}

  // of: "scores of sinkhorn". Parts that are left out are passed over when a later one begins.
  void begin_stage(std::string of, std::vector<Part> parts);
  void begin(const char* part);
  Begins begins() {
    return [this](const char* part) { begin(part); };
  }
  void end_stage();

 private:
  using Clock = std::chrono::steady_clock;
  void end_part();

  const Observer& observer_;
  std::string of_;
  std::vector<Part> parts_;
  std::map<std::string, double> taken_;  // seconds, by name
  const char* running_ = nullptr;
  Clock::time_point stage_began_ = {}, part_began_ = {};
};

}  // namespace otbridge
