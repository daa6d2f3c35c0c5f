// Figures: what the tool draws, as SVG text; the same bytes for the same input.
//
// Colours, limits and layout: docs/hacking.md, "Pictures". Clouds of dimension 1 are drawn as
// densities with the map between them, of dimension 2 as they are, 3 from a fixed side, more on the
// first two principal axes of the pooled clouds. Where columns are named red, green and blue (or r,
// g, b) and hold values of [0, 1] or [0, 255], points have the colours that they are. Rows that are
// not finite, and points without weight, are left out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "otbridge/core/flow.hpp"
#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"
#include "otbridge/solve/context.hpp"

namespace otbridge {

struct FigureText {
  std::string title, subtitle;
  std::string description;  // for <desc>
  std::string origin = {};  // for <metadata>: command, seed and version; empty: left out
};

struct PlotCloud {
  Points points;                      // n x d
  Vector weights = {};                // n, or empty: all alike
  std::vector<std::string> ids = {};  // n, or empty
};

// The two laws of a problem, each as a cloud of one dimension d.
struct PlotEnds {
  PlotCloud source, target;
  std::vector<std::string> columns = {};  // d names of coordinates, or empty: x0, x1, ...
};

// What a plan did to points.
struct PlotMove {
  PlotCloud start;
  Points moved;                              // row by row of start
  std::string name;                          // of the moved points: "conditional mean"
  Direction direction = Direction::forward;  // from the source to the target, or back
};

// Clouds of at most so many points, whose coupling is drawn flow by flow and whose ids are written.
constexpr Index kFewPoints = 30;

// Source, target and moved points with transport lines from start to moved; of colours three
// panels, one for each. flows: the coupling of source and target, drawn in place of the lines where
// both have at most kFewPoints, in any dimension but 1; may be empty.
std::string draw_transport(const FigureText& text, const PlotEnds& ends, const PlotMove& move,
                           const std::vector<Flow>& flows, const RandomStream& stream);

// The bridge, a panel for each time, points in the colour of where they start; source and target
// faint behind. start: the slice whose rows decide the colours.
std::string draw_slices(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                        const Points& start, const RandomStream& stream);
// The panel of the k-th of its times alone, 0 <= k, on the axes of all: a frame of a film.
std::string draw_frame(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                       std::size_t k, const Points& start, const RandomStream& stream);

// All of its times as a film within one SVG, which begins again for ever; even times. Points whose
// way is not finite are left out. At most 2000 points; in space dots have one size. Of a line, the
// density.
std::string draw_motion(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                        const Points& start, const RandomStream& stream);

// Each path of `paths`, from full to faint as time goes on, over the two clouds; start as above.
// means: some mean paths, drawn thick and dark, or empty.
std::string draw_paths(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                       const Points& start, const Paths& means, const RandomStream& stream);

// Marginal errors and gap against iterations on a logarithmic axis, loss and path divergence on
// panels of their own; levels of epsilon are bands, the tolerance, where given, a line.
std::string draw_convergence(const FigureText& text, const std::vector<Progress>& trace,
                             std::optional<double> tolerance = {});

// One panel per solver on the same axes.
struct ComparisonPanel {
  std::string name;
  PlotMove move;
  std::vector<std::string> remarks;  // at most two short lines: "W2 0.81, cost 4.5"
};
std::string draw_comparison(const FigureText& text, const PlotEnds& ends,
                            const std::vector<ComparisonPanel>& panels, const RandomStream& stream);

// What solvers score at several epsilons, a panel for each measure below the other; epsilon on a
// logarithmic axis.
struct EpsilonScores {
  std::string solver;
  // One value for each epsilon of the figure, empty where there is none. Of a solver that leaves
  // epsilon out all are the same, which a dashed line shows.
  std::vector<std::optional<double>> values;
  bool regularised = true;
};
struct EpsilonMeasure {
  std::string name;
  std::vector<EpsilonScores> solvers;  // in the same order in every measure, which decides colours
  std::optional<double> floor = {};    // a grey line across: what exact draws score
};
// epsilons: at least two, > 0, ascending. At least one value is there, and finite.
std::string draw_epsilons(const FigureText& text, const std::vector<double>& epsilons,
                          const std::vector<EpsilonMeasure>& measures);

}  // namespace otbridge
