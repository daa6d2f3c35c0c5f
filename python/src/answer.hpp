// Answer: a plan with the report of its run, as Python holds it.
#pragma once

#include "binding.hpp"

namespace otbridge::python {

struct Answer {
  std::shared_ptr<const TransportPlan> plan;
  SolveReport report;
  bool solved = true;  // else read: without times, threads and trace
  // What was given by the caller; not known of a plan that was read.
  std::optional<SettingAssignments> settings = {};
  // A plan under another sampler refers to the one that it samples from.
  std::shared_ptr<const TransportPlan> base = {};
  ProblemColumns columns = {};

  static Answer of(Solution solution, SettingAssignments settings) {
    return {std::move(solution.plan), std::move(solution.report), true, std::move(settings)};
  }
  bool reported() const { return !report.solver.empty(); }
};

// A comparison as it is measured, for the page that shows it.
struct Compared {
  Comparison comparison;
  std::vector<Contender> contenders;           // of its rows
  std::shared_ptr<const TransportPlan> truth;  // null where it is not known
};

// The face, or InvalidInput that says what the plan has no answer to.
template <class Face>
const Face& face_of(const Answer& answer, const Face* face, const char* what) {
  if (face == nullptr)
    throw InvalidInput("a plan of " + std::string(answer.plan->name()),
                       std::string("has no ") + what);
  return *face;
}

}  // namespace otbridge::python
