#include "solve/run.hpp"

#include "kernels/kernel_set.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/solve/ranks_alike.hpp"

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

double Run::own_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

double Run::seconds() const { return of_first_rank(own_seconds()); }

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
  if (context_.cancel == nullptr && !context_.deadline) return false;
  // One step of all ranks, whatever each of them knows: what the first has been asked.
  constexpr int kNothing = -1;
  int asked = kNothing;
  {
    const LoopScope alone;
    if (asked_) {
      asked = static_cast<int>(*asked_);
    } else if (context_.cancelled()) {
      asked = static_cast<int>(StopReason::interrupted);
    } else if (context_.past_deadline(ahead)) {
      asked = static_cast<int>(StopReason::time_limit);
    }
  }
  asked = of_first_rank(asked);
  if (asked != kNothing) asked_ = static_cast<StopReason>(asked);
  return asked_.has_value();
}

void Run::use_kernels() {
  report_.kernel_set = kernels::select_kernel_set().name;
  check_ranks_alike();
}

void Run::show(Progress progress) const {
  progress.seconds = own_seconds();
  if (context_.observer) context_.observer(progress);
}

void Run::record(Progress progress) {
  progress.seconds = own_seconds();
  report_.trace.push_back(progress);
  if (context_.observer) context_.observer(report_.trace.back());
}

Solution Run::finish(std::unique_ptr<const TransportPlan> plan, StopReason reason) {
  if (context_.checkpoint != nullptr && !resumes_) {
    report_.notes.push_back("the solver " + report_.solver +
                            " has nothing to resume: it keeps no checkpoint");
  }
  report_.stop_reason = reason;
  report_.seconds = own_seconds();
  return {std::move(plan), std::move(report_)};
}

}  // namespace otbridge
