// Figures: what the tool draws, as SVG text; the same bytes for the same input.
//
// Colours, limits and layout: docs/hacking.md, "Pictures". Clouds of dimension 2 are drawn as they
// are, 3 in a fixed perspective, more on the first two principal axes of the pooled clouds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"
#include "otbridge/solve/context.hpp"

namespace otbridge {

struct FigureText {
  std::string title, subtitle;
  std::string description;  // for <desc>
};

struct PlotCloud {
  Points points;
  Vector weights;  // or empty
};

// Source, target and moved points with transport lines from start to moved (same rows).
std::string draw_transport(const FigureText& text, const PlotCloud& source, const PlotCloud& target,
                           const PlotCloud& start, const Points& moved, const RandomStream& stream);

// Small multiples of the bridge, one per time, source and target faint behind each.
std::string draw_slices(const FigureText& text, const PlotCloud& source, const PlotCloud& target,
                        const Paths& paths, const RandomStream& stream);

// Thin paths from source to target over the two clouds.
std::string draw_paths(const FigureText& text, const PlotCloud& source, const PlotCloud& target,
                       const Paths& paths, const RandomStream& stream);

// Marginal errors, gap and loss against iterations, logarithmic, epsilon levels as bands.
std::string draw_convergence(const FigureText& text, const std::vector<Progress>& trace);

// One panel per solver on the same axes.
struct ComparisonPanel {
  std::string name;
  PlotCloud start;
  Points moved;
  std::vector<std::string> numbers;  // at most three short lines: "W2 0.81"
};
std::string draw_comparison(const FigureText& text, const PlotCloud& source,
                            const PlotCloud& target, const std::vector<ComparisonPanel>& panels,
                            const RandomStream& stream);

}  // namespace otbridge
