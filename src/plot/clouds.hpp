// Clouds: how source, target and moved points look, in every figure alike.
#pragma once

#include <string>
#include <vector>

#include "plot/panel.hpp"
#include "plot/sheet.hpp"

namespace otbridge {

// How large and how many the dots are.
struct DotStyle {
  double radius = 0.0;  // of the source; the target's are larger, the moved ones' smaller
  Index limit = 0;
};
// Of a cloud of n points. Scans need many small dots to be recognised: in space the limit is
// higher where there are many.
DotStyle dot_style(Index n, bool space);

// Target below, source, and moved points on top, small: where they match exactly, a ring of the
// target stays visible. At most `most` dots of each.
std::vector<Layer> move_layers(const View& view, const PlotEnds& ends, const PlotMove& move,
                               Index most);
// Their entries, and the numbers drawn where some are left out.
std::vector<LegendEntry> move_legend(const View& view, const PlotEnds& ends, const PlotMove& move,
                                     Index most);
// The entry of transport lines.
LegendEntry lines_entry(const std::string& name);
// "source (2500 of 5000)".
std::string counted(const std::string& name, Index drawn, Index all);

// A cloud of colours, each dot in its own.
Layer colour_layer(const View& view, const PlotCloud& cloud, const DotStyle& style);

// The entry of clouds of colours.
LegendEntry colours_entry(const std::string& name);

}  // namespace otbridge
