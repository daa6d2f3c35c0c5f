#include "saved_plan.hpp"

#include <initializer_list>
#include <iostream>
#include <utility>

#include "exit_code.hpp"
#include "memory_guard.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/law_json.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/solve/report_text.hpp"
#include "otbridge/solvers/registry.hpp"
#include "run_solver.hpp"

namespace otbridge::cli {
namespace {

void refuse_options_of_a_solve(const ProblemOptions& options, const RunOptions& run) {
  for (const auto& [given, name] :
       {std::pair(!options.solver.empty(), "--solver"), std::pair(!options.set.empty(), "--set"),
        std::pair(options.epsilon.has_value(), "--epsilon"),
        std::pair(options.epsilon_relative.has_value(), "--epsilon-relative"),
        std::pair(options.theta.has_value(), "--theta"),
        std::pair(run.time_limit.has_value(), "--time-limit"),
        std::pair(!run.checkpoint.empty(), "--checkpoint")}) {
    if (!given) continue;
    throw UsageError(std::string(name) + ": " + options.first +
                     " is a plan, which is solved already");
  }
}

// A cloud as the plan keeps it, without the ids of the file that it came from.
NamedLaw named(const Measure& law, const std::string& label,
               const std::vector<std::string>& columns = {}) {
  NamedLaw result{law, {}, label};
  if (const auto* points = law.as<WeightedPoints>()) {
    result.cloud = Cloud{points->points(), {}, {}, columns};
    if (!points->uniform_weights()) result.cloud->weights = points->weights();
  }
  return result;
}

// The end of a coupling as a cloud.
Cloud end_of(const Coupling& coupling, Direction side) {
  const bool source = side == Direction::forward;
  const WeightedPoints law(source ? coupling.source_points() : coupling.target_points(),
                           source ? coupling.source_weights() : coupling.target_weights());
  return *named(law, "").cloud;
}

}  // namespace

bool names_plan(const ProblemOptions& options) {
  return options.second.empty() && is_plan_file(options.first);
}

SavedAnswer read_answer(const std::string& path) {
  PlanFile file = read_plan_file(path);
  const bool reported = file.report.has_value();
  SolveReport report = reported ? std::move(*file.report) : unknown_run(*file.plan);
  return {{std::move(file.plan), std::move(report)}, reported, std::move(file.columns)};
}

bool same_law(const Law& one, const Law& other) {
  const auto* cloud = dynamic_cast<const WeightedPoints*>(&one);
  const auto* other_cloud = dynamic_cast<const WeightedPoints*>(&other);
  if (cloud != nullptr && other_cloud != nullptr) {
    return cloud->points().rows() == other_cloud->points().rows() &&
           cloud->points().cols() == other_cloud->points().cols() &&
           cloud->points() == other_cloud->points() && cloud->weights() == other_cloud->weights();
  }
  return one.type() == other.type() && law_to_json(one) == law_to_json(other);
}

SavedPlan read_saved_plan(const ProblemOptions& options, const RunOptions& run) {
  refuse_options_of_a_solve(options, run);
  auto [solution, reported, columns] = read_answer(options.first);
  const TransportPlan& plan = *solution.plan;
  const TransportProblem& problem = plan.problem();
  const std::uint64_t seed = options.seed.value_or(solution.report.seed);
  Job job{.source = thinned(named(problem.source(), options.first + ": source", columns.source),
                            options.samples, draws_of(Direction::forward, seed)),
          .target = thinned(named(problem.target(), "target", columns.target), options.samples,
                            draws_of(Direction::backward, seed)),
          .problem = problem,
          .samples = options.samples.value_or(kDefaultSamples),
          .samples_given = options.samples.has_value(),
          .seed = seed,
          .solver = &find_solver(plan.name()),
          .settings = {},
          .notes = {}};
  // Of thinning; those of the run were told by it.
  for (const NamedLaw* law : {&job.source, &job.target}) {
    job.notes.insert(job.notes.end(), law->notes.begin(), law->notes.end());
  }
  solution.report.notes.insert(solution.report.notes.end(), job.notes.begin(), job.notes.end());
  check_samples(job.samples, problem.dimension());
  const bool own = !options.samples && !options.seed && plan.coupling() != nullptr;
  const auto points = [&](const NamedLaw& law, Direction side) {
    return own && !law.cloud ? end_of(*plan.coupling(), side)
                             : points_of(law, side, job.samples, seed);
  };
  Cloud source = points(job.source, Direction::forward),
        target = points(job.target, Direction::backward);
  return {std::move(job), std::move(solution), reported, std::move(source), std::move(target)};
}

void print_summary(const SavedPlan& saved, bool quiet) {
  if (quiet) return;
  const SolveReport& report = saved.solution.report;
  std::cerr << subtitle(report, saved.source.points.rows()) << ", saved: "
            << (saved.reported ? name_of(report.stop_reason) : "no report of its run") << "\n";
}

}  // namespace otbridge::cli
