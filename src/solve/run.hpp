// Run: one solver at work on one problem: its clock, its records, and who asks it to stop.
//
// Every solver holds one for as long as it solves. Progress is recorded and sent on here alone, and
// deadline and cancellation are looked at here alone, so that they mean the same to every solver.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "otbridge/core/parallel.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solve/checkpoint.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

// Whether an answer with its certificate, which takes some sweeps over all pairs, would keep an
// interrupted user waiting, or break a time limit; and the note of one without.
bool answers_slowly(const WeightedPoints& source, const WeightedPoints& target);
inline constexpr const char* kNotMeasured =
    "stopped early: how far the plan is from the optimum was not measured";

class Run {
 public:
  // Takes the threads of the context for its lifetime and starts clock and report. The problem and
  // the context must outlive it.
  Run(std::string_view solver, const TransportProblem& problem, const SolveContext& context);

  SolveReport& report() { return report_; }
  const SolveContext& context() const { return context_; }
  double seconds() const;  // since the start, by the first rank's clock

  // Writes the set of kernels into the report. Throws what check_ranks_alike() throws.
  void use_kernels();

  // The checkpoint of the context, null if there is none. A run whose solver never asks for it ends
  // with a note that there is nothing to resume.
  Checkpoint* checkpoint();
  // The run goes on from others that took so many seconds, which count from here on.
  void goes_on_from(double earlier_seconds);
  // So many seconds were not spent on solving.
  void leave_out(double seconds) { goes_on_from(-seconds); }

  // Whether the context asks for an end: cancelled, or past its deadline, or so close to it that
  // the answer, which takes `ahead` seconds, would come too late. Once it has, it stays so.
  bool must_stop(double ahead = 0.0);
  // interrupted or time_limit once must_stop() was true, else empty.
  std::optional<StopReason> asked_to_stop() const { return asked_; }

  // Adds the seconds and sends the record to the observer; record() keeps it in the trace as well.
  void show(Progress progress) const;
  void record(Progress progress);

  // The plan with its report, whose time is taken last.
  Solution finish(std::unique_ptr<const TransportPlan> plan, StopReason reason);

 private:
  double own_seconds() const;  // of records: by this rank's clock, asking no one

  ThreadScope threads_;
  std::chrono::steady_clock::time_point started_;
  const SolveContext& context_;
  SolveReport report_;
  std::optional<StopReason> asked_;
  bool resumes_ = false;  // whether the solver asked for the checkpoint
};

}  // namespace otbridge
