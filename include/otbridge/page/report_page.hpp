// Report page: what a run found, as one HTML file that opens anywhere, offline.
//
// Everything is in the file: words and tables are plain HTML, drawings are SVG, points and errors
// are data for the script that shows them in motion. The file asks for nothing: its content policy
// allows its own style and script, by their SHA-256, and images that are in it. Without scripts,
// and on paper, the drawings stand where the moving view is. The same bytes for the same input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"
#include "otbridge/plot/figure.hpp"
#include "otbridge/solve/context.hpp"

namespace otbridge {

// What one plan does with the starting points of the view.
struct PagePanel {
  std::string name;
  std::vector<std::string> remarks = {};  // short: "W2 0.81"
  int choice = 0;                         // of PageView::choices; -1: beside each of them
  Paths paths;                            // n x d at each of the times that all panels share
  Points moved = {};                      // n x d: where the plan moves them; or empty
};

struct PageView {
  PlotEnds ends;
  // The points that start the paths: some rows of a cloud, by their numbers there.
  PlotCloud start;                           // n x d
  std::vector<Index> rows;                   // n
  Index total = 0;                           // rows of that cloud
  Direction direction = Direction::forward;  // backward: they are where paths end, at time 1
  std::string moved_name = {};               // of PagePanel::moved: "conditional mean"
  std::vector<std::string> choices{};        // "epsilon 0.1"; at most one: no choice
  std::vector<PagePanel> panels;             // at least one
};

// A number of each of several solvers, drawn as bars beside each other; less is better.
struct PageScore {
  std::string solver;
  std::vector<std::optional<double>> values;  // one for each measure
  std::vector<std::string> words;             // as they are written; of a missing one the reason
  bool best = false;
};

struct PageTable {
  std::string caption;
  std::vector<std::vector<std::string>> cells;  // the heading first
};

// Names and what they are, under a heading that opens and closes.
struct PageFacts {
  std::string title;
  std::vector<std::pair<std::string, std::string>> rows;
};

// The errors of a run against iterations.
struct PageRun {
  std::string name, remark;
  std::vector<Progress> trace;
  std::optional<double> tolerance = {};
};

// A picture as SVG, of the view or of the convergence.
struct PageDrawing {
  std::string words;  // for those who cannot see it
  std::string svg;
};

enum class Verdict { good, warning, bad };

struct ReportPage {
  std::string title, subtitle;
  Verdict verdict = Verdict::good;
  std::string headline;                                         // the answer in one sentence
  std::vector<std::string> sentences = {};                      // what should be known beside it
  std::vector<std::pair<std::string, std::string>> tiles = {};  // the numbers that matter
  std::vector<std::string> measures = {};                       // of the scores
  std::vector<PageScore> scores = {};
  std::optional<PageView> view = {};
  // In place of the moving parts without scripts; those of numbers stand above the tables, always.
  std::vector<PageDrawing> view_drawings = {}, run_drawings = {}, number_drawings = {};
  std::vector<PageRun> runs = {};  // without records: left out
  std::vector<PageTable> tables = {};
  std::vector<std::string> remarks = {};  // below the tables
  std::vector<PageFacts> facts = {};
  std::string command;
  std::uint64_t seed = 0;
  std::vector<std::pair<std::string, std::string>> checksums = {};  // of input files, SHA-256
};

// At most so many points of each law are in the file, and of the starting points so many that all
// paths fit; callers take no more of them than page_start_limit allows.
inline constexpr Index kPagePoints = 100000;
// Starting points of a page with so many panels, and the number of times for so many of them.
Index page_start_limit(std::size_t panels);
Index page_times(Index starting_points, std::size_t panels);

// stream: of what is left out of large clouds. O(points).
std::string report_page(const ReportPage& page, const RandomStream& stream);

}  // namespace otbridge
