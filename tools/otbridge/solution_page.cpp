#include "solution_page.hpp"

#include <algorithm>

#include "otbridge/io/atomic_file.hpp"
#include "progress.hpp"
#include "run_solver.hpp"

namespace otbridge::cli {
namespace {

std::string points_text(Index n) { return std::to_string(n) + (n == 1 ? " point" : " points"); }

// Why a run that did not converge ended, as people say it.
std::string ending(StopReason reason) {
  switch (reason) {
    case StopReason::converged:
      return "converged";
    case StopReason::iteration_limit:
      return "reached its limit of iterations before the tolerance";
    case StopReason::rounding_limit:
      return "came to the end of double precision before the tolerance";
    case StopReason::time_limit:
      return "reached its time limit before the tolerance";
    case StopReason::interrupted:
      return "was interrupted before the tolerance";
    case StopReason::diverged:
      return "diverged";
  }
  return "stopped";
}

Verdict verdict_of(StopReason reason) {
  return reason == StopReason::converged  ? Verdict::good
         : reason == StopReason::diverged ? Verdict::bad
                                          : Verdict::warning;
}

void add_verdict(ReportPage& page, const SolutionPage& parts) {
  const SolveReport& report = parts.report;
  const std::string moved =
      points_text(parts.start.points.rows()) + " of " + parts.job.title() + " were moved";
  if (!parts.reported) {
    page.headline = report.solver + ", a saved plan: " + moved + ".";
  } else {
    page.verdict = verdict_of(report.stop_reason);
    page.headline = report.solver + " " + ending(report.stop_reason) +
                    (report.seconds > 0.0 ? " in " + duration_text(report.seconds) : "") + ": " +
                    moved + ".";
  }
  if (report.marginal_error_source && report.marginal_error_target) {
    const double worse = std::max(*report.marginal_error_source, *report.marginal_error_target);
    std::string sentence = "The plan misses the masses of its two laws by " +
                           short_number(100.0 * worse) + " % at most";
    if (report.value && report.duality_gap && *report.duality_gap > 0.0) {
      sentence += ", and costs at most " + short_number(*report.duality_gap) +
                  " more than the best one (" + short_number(*report.value) + ")";
    }
    page.sentences.push_back(sentence + ".");
  }
  page.sentences.insert(page.sentences.end(), parts.sentences.begin(), parts.sentences.end());
}

void add_tiles(ReportPage& page, const SolutionPage& parts) {
  const SolveReport& report = parts.report;
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) page.tiles.emplace_back(name, short_number(*value));
  };
  if (report.regularised) add("epsilon", report.epsilon);
  add("W2", report.w2());
  add("mean cost of the plan", report.value_linear);
  add("value", report.value);
  add("gap", report.duality_gap);
  add("error at the source", report.marginal_error_source);
  add("error at the target", report.marginal_error_target);
  add("plan entropy, 0 to 1", report.plan_entropy);
  if (!parts.reported) return;
  // A closed form has none.
  if (report.iterations > 0)
    page.tiles.emplace_back("iterations", std::to_string(report.iterations));
  if (report.seconds > 0.0) page.tiles.emplace_back("time", duration_text(report.seconds));
}

}  // namespace

void write_solution_page(const std::string& path, const SolutionPage& parts,
                         const TransportPlan& mover, const Points& moved, Direction direction) {
  const Job& job = parts.job;
  ReportPage page{.title = job.title(),
                  .subtitle = subtitle(parts.report, parts.ends.source.points.rows()),
                  .headline = "",
                  .command = ""};
  add_verdict(page, parts);
  add_tiles(page, parts);
  page.view = page_view(parts.ends, parts.start, 1, job.seed);
  page.view->moved_name = parts.moved_name;
  page.view->direction = direction;
  auto panel = bridge_panel(parts.report.solver, mover, *page.view, 1, moved, direction, job.seed,
                            parts.run);
  if (!panel) return;
  page.view->panels.push_back(std::move(*panel));
  page.view_drawings = parts.drawings;
  page.runs.push_back({parts.report.solver, "", parts.report.trace, tolerance_of(job)});
  if (!parts.report.trace.empty()) {
    const FigureText text = figure_text(job, parts.run, "Convergence: " + job.title(),
                                        page.subtitle, "Errors against iterations");
    page.run_drawings.push_back(
        {text.description, draw_convergence(text, parts.report.trace, tolerance_of(job))});
  }
  page.facts.push_back(report_facts("Report", parts.report));
  if (parts.reported) {
    page.facts.push_back(setting_facts("Settings of " + parts.report.solver, *job.solver,
                                       settings_for(*job.solver, job, job.settings)));
  }
  add_origin(page, job, parts.run, parts.inputs);
  write_file(path, report_page(page, RandomStream(job.seed, Purpose::plot)));
}

}  // namespace otbridge::cli
