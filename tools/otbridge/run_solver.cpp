#include "run_solver.hpp"

#include <iostream>
#include <utility>

#include "exit_code.hpp"
#include "interrupt.hpp"
#include "otbridge/metrics/bridge_score.hpp"
#include "otbridge/solve/report_text.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace otbridge::cli {

Solution run_solver(const Solver& solver, const SettingAssignments& settings, const Job& job,
                    const RunOptions& run, const AnswerUse& use) {
  ProgressLine progress(run.quiet, run.verbose);
  SolveContext context;
  context.threads = run.threads;
  context.seed = job.seed;
  const StopOnInterrupt interrupts(use.keeps_plan || use.checkpoint != nullptr);
  context.cancel = interrupts.flag();
  context.observer = progress.observer();
  context.checkpoint = use.checkpoint;
  context.to_truth = use.to_truth ? use.to_truth : path_kl_to_truth(job.problem, job.seed);
  // The limit counts from here: reading the problem is not part of it, and of several solvers each
  // has its own. Moving points with the plan is.
  if (run.time_limit) context.stop_after(*run.time_limit);
  context.to_map = use.mapped;
  context.to_draw = use.drawn;
  // The line of progress lives as long as the solver runs; what follows is printed on a clean one.
  Solution solution = solver.solve(job.problem, settings, context);
  progress.clear();
  // The checkpoint is there; what follows is waited for only where it is a plan.
  if (use.checkpoint != nullptr && !use.keeps_plan) hurry_if_interrupted();
  print_notes(solution.report.notes, run.quiet);
  // What the job says comes first: it bears on all that follows.
  solution.report.notes.insert(solution.report.notes.begin(), job.notes.begin(), job.notes.end());
  if (!run.quiet) {
    const SolveReport& report = solution.report;
    // The points of the source: of its own cloud, or as many as were drawn.
    const Index n = job.source.cloud ? job.source.cloud->points.rows() : job.samples;
    const std::string entropy =
        report.plan_entropy ? ", plan entropy " + short_number(*report.plan_entropy) : "";
    std::cerr << subtitle(report, n) << entropy << ", " << duration_text(report.seconds) << ": "
              << name_of(report.stop_reason) << "\n";
  }
  return solution;
}

Solution run_solver(const Job& job, const RunOptions& run, const AnswerUse& use) {
  print_notes(job.notes, run.quiet);
  return run_solver(*job.solver, settings_for(*job.solver, job, job.settings), job, run, use);
}

std::optional<CheckpointFile> open_checkpoint(const std::string& path, const Solver& solver,
                                              const SettingAssignments& settings, const Job& job,
                                              const RunOptions& run) {
  if (path.empty()) return std::nullopt;
  if (path == "-") throw UsageError("--checkpoint -: must be a file of its own");
  std::optional<CheckpointFile> checkpoint(
      std::in_place, path, run_configuration(solver, settings, job.problem, job.seed),
      run.checkpoint_seconds.value_or(kCheckpointSeconds));
  print_notes(checkpoint->notes(), run.quiet);
  return checkpoint;
}

std::optional<CheckpointFile> open_checkpoint(const Job& job, const RunOptions& run) {
  return open_checkpoint(run.checkpoint, *job.solver, settings_for(*job.solver, job, job.settings),
                         job, run);
}

void close_checkpoint(std::optional<CheckpointFile>& checkpoint, bool done, const RunOptions& run) {
  if (!checkpoint || !checkpoint->kept()) return;
  if (done) {
    checkpoint->remove();
  } else {
    print_notes({checkpoint->path() + ": the same command goes on from here"}, run.quiet);
  }
}

}  // namespace otbridge::cli
