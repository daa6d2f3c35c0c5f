// SolveContext: what belongs to a run rather than to a method.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "otbridge/core/exchange.hpp"
#include "otbridge/core/index.hpp"

namespace otbridge {

// One measurement of a running solver; fields a solver cannot give are empty.
struct Progress {
  std::string phase;              // "1 in 8 points", "iteration 3 backward"
  Index iteration = 0;            // done so far
  Index iteration_limit = 0;      // at which the solver gives up
  double fraction = 0.0;          // estimate of the work done, in [0, 1]
  double seconds = 0.0;           // since the start
  std::optional<double> epsilon;  // of the current level of an epsilon scaling
  std::optional<double> marginal_error_source, marginal_error_target;  // as in SolveReport
  std::optional<double> marginal_floor_source, marginal_floor_target;  // likewise
  std::optional<double> duality_gap;                                   // cost units
  std::optional<double> loss;
  // Of two learned drifts, after a round of both, in nats: KL either way between their path laws,
  // and what SolveContext::to_truth says, the path KL of the true bridge against theirs.
  std::optional<double> path_divergence, path_kl;
};

class Checkpoint;
class TransportPlan;

using Observer = std::function<void(const Progress&)>;
// How far a plan of the problem is from the true one, or from one that stands for it.
struct DistanceToTruth {
  // Of a plan; empty where it cannot be said.
  std::function<std::optional<double>(const TransportPlan&)> of = {};
  // Which one: a run that is resumed forgets what another one said.
  std::string from = {};

  explicit operator bool() const { return of != nullptr; }
  std::optional<double> operator()(const TransportPlan& plan) const { return of(plan); }
};

struct SolveContext {
  int threads = 0;  // 0: as ThreadScope has it. The result does not depend on it.
  std::uint64_t seed = 0;
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  // Rows that the caller maps, or draws partners of, once it has the plan, and wants by the
  // deadline: a solver that can tell how long that takes ends so much earlier.
  Index to_map = 0, to_draw = 0;
  const std::atomic<bool>* cancel =
      nullptr;  // set it (a signal handler may) to stop at the next safe point
  Observer observer = {};
  // Asked by solvers that have a plan after each of their rounds (path_kl_to and path_kl_to_truth
  // of otbridge/metrics/bridge_score.hpp); empty: nobody wants to know. Its time is not in the
  // report. What it throws ends the run.
  DistanceToTruth to_truth = {};
  // A plan to begin from. A solver that cannot honour it refuses it, rather than starting afresh in
  // silence.
  const TransportPlan* start = nullptr;
  // Where the run is resumed from and kept (otbridge/solve/checkpoint.hpp). A solver that has
  // nothing to resume leaves it alone and says so in a note.
  Checkpoint* checkpoint = nullptr;

  // The deadline so many seconds from now, > 0; infinity is as good as none.
  void stop_after(double seconds) {
    constexpr double kForever = 1e9;  // 30 years; the clock counts nanoseconds in 64 bits
    deadline = std::chrono::steady_clock::now() +
               std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                   std::chrono::duration<double>(std::min(seconds, kForever)));
  }
  // These two are the first rank's where ranks work together (core/exchange.hpp).
  bool cancelled() const {
    return cancel != nullptr && of_first_rank(cancel->load(std::memory_order_relaxed));
  }
  // Now, or within so many seconds from now.
  bool past_deadline(double ahead = 0.0) const {
    if (!deadline) return false;
    const std::chrono::duration<double> left = *deadline - std::chrono::steady_clock::now();
    return of_first_rank(left.count() <= ahead);
  }
};

}  // namespace otbridge
