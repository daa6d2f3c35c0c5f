// Running a solver for a command: progress and interrupts while it solves, a summary afterwards.
#pragma once

#include <string>

#include "job.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge::cli {

// What a command does with the plan at once.
struct MovedPoints {
  Index mapped = 0, drawn = 0;
};

// Prints the solver's notes and a one-line summary to stderr; the notes of the job, which are
// printed once for all solvers, stand first in the report. keeps_plan: the plan is saved, which an
// interrupt waits for. moves: points that the time limit is to hold for too.
Solution run_solver(const Solver& solver, const SettingAssignments& settings, const Job& job,
                    const RunOptions& run, bool keeps_plan = false, const MovedPoints& moves = {});
// The job's own solver with its settings, after the notes of the job.
Solution run_solver(const Job& job, const RunOptions& run, bool keeps_plan = false,
                    const MovedPoints& moves = {});

// The grey line under a title: solver, epsilon, n, error. No seconds: the same input draws the same
// bytes.
std::string subtitle(const SolveReport& report, Index n);

}  // namespace otbridge::cli
