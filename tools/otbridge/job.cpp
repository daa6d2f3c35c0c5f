#include "job.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "exit_code.hpp"
#include "interrupt.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/solvers/registry.hpp"
#include "progress.hpp"

namespace otbridge::cli {
namespace {

constexpr double kDefaultEpsilonRelative = 0.05;
constexpr Index kDefaultSamples = 2000;

ProblemFile read_question(const ProblemOptions& options) {
  if (!options.second.empty()) {
    return {read_law(options.first), read_law(options.second), {}, {}, 0.0, {}, {}, {}, {}};
  }
  if (!is_problem_file(options.first)) {
    throw UsageError(
        "one argument must be a problem file; to transport between two laws give both");
  }
  return read_problem(options.first);
}

// Settings given as flags are the command line's: a refusal of theirs is a usage error.
SettingAssignments read_set(const std::vector<std::string>& arguments, const Solver& solver) {
  SettingAssignments assignments;
  for (const auto& argument : arguments) {
    try {
      assignments.push_back(parse_assignment(argument));
      solver.check({assignments.back()});
    } catch (const InvalidInput& refusal) {
      throw UsageError("--set " + argument + ": " + refusal.what());
    }
  }
  return assignments;
}

const Solver& named_solver(const std::string& flag, const std::string& from_file) {
  if (flag.empty()) return find_solver(from_file.empty() ? "sinkhorn" : from_file);
  try {
    return find_solver(flag);
  } catch (const InvalidInput& refusal) {
    throw UsageError(std::string("--solver: ") + refusal.what());
  }
}

double resolve_epsilon(const ProblemOptions& options, const ProblemFile& file, std::uint64_t seed,
                       std::vector<std::string>& notes) {
  if (options.epsilon) return *options.epsilon;
  if (!options.epsilon_relative && file.epsilon) return *file.epsilon;
  const double unit = relative_unit(file.source.law, file.target.law, seed);
  if (!(unit > 0.0)) {
    throw InvalidInput("/reference/epsilon_relative",
                       "the mean cost is " + number_text(unit) + "; give --epsilon instead");
  }
  if (options.epsilon_relative) return *options.epsilon_relative * unit;
  if (file.epsilon_relative) return *file.epsilon_relative * unit;
  const double epsilon = kDefaultEpsilonRelative * unit;
  notes.push_back("no epsilon given: using --epsilon-relative 0.05, epsilon " +
                  short_number(epsilon));
  return epsilon;
}

}  // namespace

Job resolve_job(const ProblemOptions& options) {
  ProblemFile file = read_question(options);
  const std::uint64_t seed = options.seed.value_or(file.seed.value_or(0));
  const Index samples = options.samples.value_or(file.samples.value_or(kDefaultSamples));
  if (file.source.law->dimension() != file.target.law->dimension()) {
    throw InvalidInput(file.target.label, "has dimension " +
                                              std::to_string(file.target.law->dimension()) +
                                              ", but " + file.source.label + " has " +
                                              std::to_string(file.source.law->dimension()));
  }
  check_memory(samples, file.source.law->dimension());

  std::vector<std::string> notes;
  const double epsilon = resolve_epsilon(options, file, seed, notes);
  const ReferenceProcess reference(epsilon, options.theta.value_or(file.theta));
  const Solver& solver = named_solver(options.solver, file.solver);
  // Settings in the file belong to the solver named there.
  SettingAssignments settings;
  if (options.solver.empty() || options.solver == file.solver) settings = file.settings;
  solver.check(settings);
  for (auto& assignment : read_set(options.set, solver)) settings.push_back(std::move(assignment));

  TransportProblem problem(file.source.law, file.target.law, reference);
  return {
      std::move(file.source), std::move(file.target), std::move(problem), samples, seed, &solver,
      std::move(settings),    std::move(notes)};
}

SettingAssignments settings_for(const Solver& solver, Index samples,
                                const SettingAssignments& given) {
  const auto rows = solver.settings();
  const bool discretises =
      std::ranges::any_of(rows, [](const auto& row) { return row.name == "samples"; });
  SettingAssignments settings;
  if (discretises) settings.emplace_back("samples", static_cast<long long>(samples));
  settings.insert(settings.end(), given.begin(), given.end());
  return settings;
}

Cloud points_of(const NamedLaw& law, Direction direction, Index samples, std::uint64_t seed) {
  if (law.cloud) return *law.cloud;
  const Purpose side =
      direction == Direction::forward ? Purpose::source_draw : Purpose::target_draw;
  const WeightedPoints drawn = discretize(law.law, samples, RandomStream(seed, side));
  Cloud cloud{drawn.points(), {}, {}, {}};
  if (!drawn.uniform_weights()) cloud.weights = drawn.weights();
  return cloud;
}

void check_memory(Index n, Index d) {
  // Points, moved points, solver copies and the text of the output: about eight copies at the peak.
  constexpr double kCopies = 8.0;
  const double need = kCopies * sizeof(double) * static_cast<double>(n) * static_cast<double>(d);
  const double have =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (need > have) {
    throw MemoryLimit("--samples " + std::to_string(n) + " in dimension " + std::to_string(d) +
                      ": needs about " + short_number(need / 1e9) + " GB, this machine has " +
                      short_number(have / 1e9) + " GB");
  }
}

Solution run_solver(const Solver& solver, const SettingAssignments& settings, const Job& job,
                    const RunOptions& run) {
  ProgressLine progress(run.quiet, run.verbose);
  SolveContext context;
  context.threads = run.threads;
  context.seed = job.seed;
  context.cancel = interrupt_flag();
  context.observer = progress.observer();
  if (run.time_limit) {
    context.deadline = std::chrono::steady_clock::now() +
                       std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                           std::chrono::duration<double>(*run.time_limit));
  }
  Solution solution = solver.solve(job.problem, settings, context);
  progress.clear();
  solution.report.notes.insert(solution.report.notes.begin(), job.notes.begin(), job.notes.end());
  if (!run.quiet) {
    const SolveReport& report = solution.report;
    for (const auto& note : report.notes) std::cerr << "note: " << note << "\n";
    const Index n = job.source.cloud ? job.source.cloud->points.rows() : job.samples;
    std::cerr << subtitle(report, n) << ": " << name_of(report.stop_reason) << "\n";
  }
  return solution;
}

std::string subtitle(const SolveReport& report, Index n) {
  std::string text = report.solver + ", epsilon " + short_number(report.epsilon);
  if (report.theta > 0.0) text += ", theta " + short_number(report.theta);
  text += ", n " + std::to_string(n);
  if (report.marginal_error_source && report.marginal_error_target) {
    text += ", marginal error " +
            short_number(std::max(*report.marginal_error_source, *report.marginal_error_target));
  }
  return text + ", " + short_number(report.seconds) + " s";
}

void check_outputs(std::initializer_list<std::string> paths) {
  for (const auto& path : paths) {
    if (!path.empty() && path != "-") probe_output(path);
  }
}

void print_text(const std::string& text) {
  std::cout << text << std::flush;
  if (!std::cout) throw IoFailure("standard output", "could not be written");
}

void print_json(const Json& json) { print_text(json.dump(2) + "\n"); }

}  // namespace otbridge::cli
