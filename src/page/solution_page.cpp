#include "otbridge/page/solution_page.hpp"

#include <algorithm>
#include <charconv>

#include "otbridge/metrics/plan_metrics.hpp"
#include "otbridge/solve/report_text.hpp"
#include "page/parts.hpp"

namespace otbridge {
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
      points_text(parts.start.points.rows()) + " of " + parts.origin.title() + " were moved";
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
    // Solvers that learn drifts give no value; their errors are of where chains end, not of masses.
    std::string sentence = report.value
                               ? "The plan misses the masses of its two laws by " +
                                     short_number(100.0 * worse) + " % at most"
                               : "Its paths end within " + short_number(100.0 * worse) +
                                     " % of a standard deviation of the two laws (sliced W2)";
    if (report.marginal_floor_source && report.marginal_floor_target) {
      const double floor = std::max(*report.marginal_floor_source, *report.marginal_floor_target);
      sentence += ", exact draws within " + short_number(100.0 * floor) + " %";
    }
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

// The coupling of the two clouds of a picture where it can be drawn flow by flow; else empty.
std::vector<Flow> few_flows(const TransportPlan& plan, const PlotEnds& ends) {
  const Coupling* coupling = plan.coupling();
  if (coupling == nullptr || coupling->source_points().rows() != ends.source.points.rows() ||
      coupling->target_points().rows() != ends.target.points.rows() ||
      std::max(ends.source.points.rows(), ends.target.points.rows()) > kFewPoints) {
    return {};
  }
  return coupling->flows();
}

}  // namespace

std::optional<std::string> solution_page(const SolutionPage& parts, const TransportPlan& mover,
                                         const Points& moved, Direction direction,
                                         const RowParts& in_parts) {
  const Origin& origin = parts.origin;
  ReportPage page{.title = origin.title(),
                  .subtitle = subtitle(parts.report, parts.ends.source.points.rows()),
                  .headline = "",
                  .command = ""};
  add_verdict(page, parts);
  add_tiles(page, parts);
  page.view = page_view(parts.ends, parts.start, 1, origin.seed);
  page.view->moved_name = parts.moved_name;
  page.view->direction = direction;
  auto panel = bridge_panel(parts.report.solver, mover, *page.view, 1, moved, direction,
                            origin.seed, in_parts);
  if (!panel) return std::nullopt;
  page.view->panels.push_back(std::move(*panel));
  page.view_drawings = parts.drawings;
  std::optional<double> tolerance;
  if (parts.solver != nullptr) tolerance = tolerance_of(*parts.solver, parts.settings);
  page.runs.push_back({parts.report.solver, "", parts.report.trace, tolerance});
  if (!parts.report.trace.empty()) {
    const FigureText text = figure_text(origin, "Convergence: " + origin.title(), page.subtitle,
                                        "Errors against iterations");
    page.run_drawings.push_back(
        {text.description, draw_convergence(text, parts.report.trace, tolerance)});
  }
  page.facts.push_back(report_facts("Report", parts.report));
  if (parts.reported && parts.solver != nullptr)
    page.facts.push_back(setting_facts(*parts.solver, parts.settings));
  add_origin(page, origin);
  return report_page(page, RandomStream(origin.seed, Purpose::plot));
}

PageDrawing transport_drawing(const Origin& origin, const std::string& subtitle,
                              const TransportPlan& plan, const PlotEnds& ends,
                              const PlotMove& move) {
  const FigureText text =
      figure_text(origin, origin.title(), subtitle,
                  "Source, target and moved points of " + origin.title() + " with transport lines");
  // Which points a picture leaves out is a draw too: the same bytes for the same seed.
  return {text.description, draw_transport(text, ends, move, few_flows(plan, ends),
                                           RandomStream(origin.seed, Purpose::plot))};
}

std::optional<std::string> contraction(const WeightedPoints& means, const WeightedPoints& far,
                                       Direction direction, bool regularised,
                                       const std::string& draws) {
  constexpr double kMuch = 0.8;
  const double is = spread(means), whole = spread(far);
  if (!(is < kMuch * whole)) return std::nullopt;
  const std::string side = direction == Direction::forward ? "target" : "source";
  return "the conditional means spread " + short_number(is) + ", the " + side + " " +
         short_number(whole) +
         " (root of the trace of the covariance): each is the mean of what its point may become; " +
         draws + " draws one" + (regularised ? ", a smaller epsilon averages over less" : "");
}

std::optional<double> tolerance_of(const Solver& solver, const SettingAssignments& settings) {
  std::optional<double> tolerance;
  for (const SettingRow& row : solver.settings()) {
    if (row.name != "tolerance") continue;
    const std::string& text = row.default_value;
    std::from_chars(text.data(), text.data() + text.size(), tolerance.emplace());
  }
  for (const auto& [key, value] : settings) {
    if (key != "tolerance") continue;
    // A whole number is one too; the solver has refused anything else.
    if (const auto* number = std::get_if<double>(&value)) tolerance = *number;
    if (const auto* whole = std::get_if<long long>(&value)) tolerance = static_cast<double>(*whole);
  }
  return tolerance;
}

}  // namespace otbridge
