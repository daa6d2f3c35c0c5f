#include "solve/run.hpp"

namespace otbridge {

bool answers_slowly(const WeightedPoints& source, const WeightedPoints& target) {
  constexpr double kPairs = 1e9;  // a sweep takes about a second of two processors
  return static_cast<double>(source.size()) * static_cast<double>(target.size()) > kPairs;
}

Run::Run(std::string_view solver, const TransportProblem& problem, const SolveContext& context)
    : threads_(context.threads),
      started_(std::chrono::steady_clock::now()),
      context_(context),
      report_(start_report(solver, problem, context)) {}

double Run::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

Checkpoint* Run::checkpoint() {
  resumes_ = true;
  return context_.checkpoint;
}

void Run::goes_on_from(double earlier_seconds) {
  started_ -= std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(earlier_seconds));
}

bool Run::must_stop(double ahead) {
  poll_host();
  if (!asked_ && context_.cancelled()) asked_ = StopReason::interrupted;
  if (!asked_ && context_.past_deadline(ahead)) asked_ = StopReason::time_limit;
  return asked_.has_value();
}

void Run::show(Progress progress) const {
  progress.seconds = seconds();
  if (context_.observer) context_.observer(progress);
}

void Run::record(Progress progress) {
  progress.seconds = seconds();
  report_.trace.push_back(progress);
  if (context_.observer) context_.observer(report_.trace.back());
}

Solution Run::finish(std::unique_ptr<const TransportPlan> plan, StopReason reason) {
  if (context_.checkpoint != nullptr && !resumes_) {
    report_.notes.push_back("the solver " + report_.solver +
                            " has nothing to resume: it keeps no checkpoint");
  }
  report_.stop_reason = reason;
  report_.seconds = seconds();
  return {std::move(plan), std::move(report_)};
}

}  // namespace otbridge
