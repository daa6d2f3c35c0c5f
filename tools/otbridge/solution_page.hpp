// The report page of one solver's answer.
#pragma once

#include "page.hpp"
#include "picture.hpp"

namespace otbridge::cli {

struct SolutionPage {
  const Job& job;
  const RunOptions& run;
  const SolveReport& report;
  bool reported = true;  // else of a plan file that keeps no report of its run
  PlotEnds ends;
  PlotCloud start;
  std::vector<std::string> inputs;     // that may be files
  std::vector<std::string> sentences;  // beside those of the verdict
  std::vector<PageDrawing> drawings;
  std::string moved_name = {};
};

// moved: row by row of start, or empty. mover: the plan, or as it is sampled. Nothing is written
// after an interrupt.
void write_solution_page(const std::string& path, const SolutionPage& parts,
                         const TransportPlan& mover, const Points& moved, Direction direction);

}  // namespace otbridge::cli
