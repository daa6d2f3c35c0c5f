// The report page of a command: what its parts have in common (otbridge/page/report_page.hpp).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "job.hpp"
#include "otbridge/page/report_page.hpp"
#include "otbridge/plan/transport_plan.hpp"

namespace otbridge::cli {

// --report, of the commands that have it.
void add_report(CLI::App& command, std::string& target);
// Throws UsageError for a path whose extension is not .html; IoFailure for one that could not be
// written. Empty is skipped.
void check_report(const std::string& path);

// The view without its panels: of the starting points as many as a page with so many of them holds,
// chosen by chance.
PageView page_view(const PlotEnds& ends, const PlotCloud& start, std::size_t panels,
                   std::uint64_t seed);
// The panel of a plan: paths from the starting points of the view, the same draws for every plan;
// moved: of the whole cloud that the starting points are from, or empty. Without paths after an
// interrupt, where the page is left out.
std::optional<PagePanel> bridge_panel(const std::string& name, const TransportPlan& plan,
                                      const PageView& view, std::size_t panels, const Points& moved,
                                      Direction direction, std::uint64_t seed,
                                      const RunOptions& run);

// All settings of a solver, as given or by default.
PageFacts setting_facts(const std::string& title, const Solver& solver,
                        const SettingAssignments& settings);
// The keys of the report of --json, with its notes.
PageFacts report_facts(const std::string& title, const SolveReport& report);

// What every page says of where it comes from: command, seed, checksums of the files named there.
void add_origin(ReportPage& page, const Job& job, const RunOptions& run,
                const std::vector<std::string>& inputs);

}  // namespace otbridge::cli
