// Line: the figures of problems on a line, where clouds are densities and maps are curves.
#pragma once

#include <string>
#include <vector>

#include "otbridge/plot/figure.hpp"
#include "plot/svg.hpp"

namespace otbridge {

// Where each point went, over the monotone map, with the densities of both ends along the sides.
std::string draw_line_transport(const FigureText& text, const PlotEnds& ends, const PlotMove& move,
                                const RandomStream& stream);
// A density for each time, the two ends faint behind.
// On the axes of the paths that they are part of.
std::string draw_line_slices(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                             const Paths& whole);
// The density in motion.
std::string draw_line_motion(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                             const Motion& motion);
// Values against time.
std::string draw_line_paths(const FigureText& text, const PlotEnds& ends, const Paths& paths,
                            const Points& start, const Paths& means);
// As of transport, a panel for each solver, without the densities.
std::string draw_line_comparison(const FigureText& text, const PlotEnds& ends,
                                 const std::vector<ComparisonPanel>& panels,
                                 const RandomStream& stream);

}  // namespace otbridge
