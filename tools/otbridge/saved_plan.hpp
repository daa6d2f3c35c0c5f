// A saved plan in the place of a solve: `interpolate PLAN`, `compare --plans`.
#pragma once

#include <string>

#include "job.hpp"
#include "otbridge/io/cloud.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge::cli {

// A plan file as a solver would have left it.
struct SavedAnswer {
  Solution solution;  // the report as the file has it
  bool reported;      // whether it has one; else solver and problem alone are known of the run
  ProblemColumns columns;
};
SavedAnswer read_answer(const std::string& path);

// Whether two laws are the same: of clouds points and weights, of others all they are made of.
bool same_law(const Law& one, const Law& other);

struct SavedPlan {
  Job job;  // the problem of the plan, with the seed of its run unless one is given
  Solution solution;
  bool reported;         // as of SavedAnswer
  Cloud source, target;  // the points that the laws stand for
};

// Whether the command names a plan file in place of its laws.
bool names_plan(const ProblemOptions& options);

// Reads that file. Laws that are drawn stand for the points of the plan's coupling where it has
// one, unless --samples or --seed asks for others. Throws UsageError for options of a solve, which
// is over, before anything is read.
SavedPlan read_saved_plan(const ProblemOptions& options, const RunOptions& run);

// The summary of its run on stderr, as a solve prints it.
void print_summary(const SavedPlan& saved, bool quiet);

}  // namespace otbridge::cli
