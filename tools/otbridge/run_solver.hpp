// Running a solver for a command: progress and interrupts while it solves, a summary afterwards.
#pragma once

#include <optional>
#include <string>

#include "job.hpp"
#include "otbridge/io/checkpoint_file.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge::cli {

// What a command does with the answer: an interrupt waits until it is kept, and the time limit is
// to hold for the points moved too.
struct AnswerUse {
  bool keeps_plan = false;
  CheckpointFile* checkpoint = nullptr;  // which the solver goes on from and leaves
  Index mapped = 0, drawn = 0;           // points
  DistanceToTruth to_truth = {};         // empty: of the true bridge, where it is known
};

// Prints the solver's notes and a one-line summary to stderr; the notes of the job, which are
// printed once for all solvers, stand first in the report.
Solution run_solver(const Solver& solver, const SettingAssignments& settings, const Job& job,
                    const RunOptions& run, const AnswerUse& use = {});
// The job's own solver with its settings, after the notes of the job.
Solution run_solver(const Job& job, const RunOptions& run, const AnswerUse& use = {});

// The checkpoint of a solver with its settings at this path, whose notes are printed; empty for an
// empty path.
std::optional<CheckpointFile> open_checkpoint(const std::string& path, const Solver& solver,
                                              const SettingAssignments& settings, const Job& job,
                                              const RunOptions& run);
// That of --checkpoint, of the job's own solver.
std::optional<CheckpointFile> open_checkpoint(const Job& job, const RunOptions& run);
// After all outputs: takes the checkpoint of a run away that is done, and says how to go on with
// one that is not.
void close_checkpoint(std::optional<CheckpointFile>& checkpoint, bool done, const RunOptions& run);

}  // namespace otbridge::cli
