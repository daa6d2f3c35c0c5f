// The report page of one solver's answer, and the picture in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "otbridge/page/origin.hpp"
#include "otbridge/page/report_page.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct SolutionPage {
  const Origin& origin;
  const SolveReport& report;
  bool reported = true;  // else of a plan file that keeps no report of its run
  PlotEnds ends;
  PlotCloud start;
  std::vector<std::string> sentences = {};  // beside those of the verdict
  std::vector<PageDrawing> drawings = {};
  std::string moved_name = {};
  // Which solver ran, under which settings; null: not known, and not told.
  const Solver* solver = nullptr;
  SettingAssignments settings = {};
};

// As HTML. moved: row by row of start, or empty. mover: the plan, or as it is sampled. Nothing
// where `parts` did not do all. O(rows of start times the times of the page), and the drawings.
std::optional<std::string> solution_page(const SolutionPage& page, const TransportPlan& mover,
                                         const Points& moved, Direction direction,
                                         const RowParts& parts = in_one_part);

// Source, target and moved points; between clouds of at most kFewPoints the flows of the coupling.
PageDrawing transport_drawing(const Origin& origin, const std::string& subtitle,
                              const TransportPlan& plan, const PlotEnds& ends,
                              const PlotMove& move);

// Where conditional means spread less than the law that they go to: that they do, why, and that
// `draws` ("--mode sample") draws one instead; else empty. far: that law. O(points).
std::optional<std::string> contraction(const WeightedPoints& means, const WeightedPoints& far,
                                       Direction direction, bool regularised,
                                       const std::string& draws);

// The marginal error at which a solver stops; empty for one that has no such setting.
std::optional<double> tolerance_of(const Solver& solver, const SettingAssignments& settings);

}  // namespace otbridge
