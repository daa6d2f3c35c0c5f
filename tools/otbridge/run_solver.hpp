// Running a solver for a command: progress and interrupts while it solves, a summary afterwards.
#pragma once

#include <string>

#include "job.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge::cli {

// Prints the notes and a one-line summary to stderr; the notes of the job stand first in the
// report.
Solution run_solver(const Solver& solver, const SettingAssignments& settings, const Job& job,
                    const RunOptions& run);
// The job's own solver with its settings.
Solution run_solver(const Job& job, const RunOptions& run);

// The grey line under a title: solver, epsilon, n, error, seconds.
std::string subtitle(const SolveReport& report, Index n);

}  // namespace otbridge::cli
