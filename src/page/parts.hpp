// What the pages of solutions and of comparisons have in common.
#pragma once

#include <optional>
#include <string>

#include "otbridge/page/origin.hpp"
#include "otbridge/page/report_page.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

// The view without its panels: of the starting points as many as a page with so many of them holds,
// chosen by chance.
PageView page_view(const PlotEnds& ends, const PlotCloud& start, std::size_t panels,
                   std::uint64_t seed);
// The panel of a plan: paths from the starting points of the view, the same draws for every plan;
// moved: of the whole cloud that the starting points are from, or empty. Nothing where `parts` did
// not do all.
std::optional<PagePanel> bridge_panel(const std::string& name, const TransportPlan& plan,
                                      const PageView& view, std::size_t panels, const Points& moved,
                                      Direction direction, std::uint64_t seed,
                                      const RowParts& parts);

// All settings of a solver, as given or by default.
PageFacts setting_facts(const Solver& solver, const SettingAssignments& settings);
// The keys of the report as JSON, with its notes.
PageFacts report_facts(const std::string& title, const SolveReport& report);

// What every page says of where it comes from: command, seed, checksums of the files named there.
void add_origin(ReportPage& page, const Origin& origin);

}  // namespace otbridge
