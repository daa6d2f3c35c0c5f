// A job: the problem a command was given, resolved from its laws, its problem file and its options.
#pragma once

#include <initializer_list>

#include "options.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/problem_json.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/problem/problem.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge::cli {

struct Job {
  NamedLaw source, target;
  TransportProblem problem;
  Index samples;
  std::uint64_t seed;
  const Solver* solver;
  SettingAssignments settings;
  std::vector<std::string> notes;  // defaults taken that the user should know

  const NamedLaw& start(Direction direction) const {
    return direction == Direction::forward ? source : target;
  }
  std::string title() const { return source.label + " to " + target.label; }
};

// Reads the files, checks everything that can be checked without solving.
Job resolve_job(const ProblemOptions& options);

// The settings of a solver for this job: --samples where the solver discretises laws, then the
// given ones.
SettingAssignments settings_for(const Solver& solver, Index samples,
                                const SettingAssignments& given);

// The points a law stands for: its own cloud, or `samples` draws with the stream of its side.
Cloud points_of(const NamedLaw& law, Direction direction, Index samples, std::uint64_t seed);

// Throws MemoryLimit if n points of dimension d would not fit in this machine's memory.
void check_memory(Index n, Index d);

// Solves with progress and interrupts, and prints the notes and a one-line summary to stderr.
Solution run_solver(const Solver& solver, const SettingAssignments& settings, const Job& job,
                    const RunOptions& run);

// The grey line under a title: solver, epsilon, n, error, seconds.
std::string subtitle(const SolveReport& report, Index n);

// Throws IoFailure now if one of the outputs could not be written later; empty and "-" are skipped.
void check_outputs(std::initializer_list<std::string> paths);

// Prints the JSON to stdout, or throws IoFailure if stdout cannot take it.
void print_json(const Json& json);
void print_text(const std::string& text);

}  // namespace otbridge::cli
