// Answer: a plan with the report of its run, as Python holds it.
#pragma once

#include "binding.hpp"

namespace otbridge::python {

struct Answer {
  std::shared_ptr<const TransportPlan> plan;
  SolveReport report;
  bool solved = true;  // else read: without times, threads and trace
  // A plan under another sampler refers to the one that it samples from.
  std::shared_ptr<const TransportPlan> base = {};

  static Answer of(Solution solution) {
    return {std::move(solution.plan), std::move(solution.report)};
  }
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
