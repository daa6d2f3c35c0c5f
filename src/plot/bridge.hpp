// Bridge: what the figures of paths share, in any dimension.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "plot/sheet.hpp"

namespace otbridge {

// The ends behind a bridge, and their entries of the legend.
LegendEntry faint_entry(const std::string& name, const char* paint);
std::vector<Layer> faint_ends(const View& view, const PlotEnds& ends, double radius, Index limit);
// Both ends and every slice.
std::vector<const Points*> all_points(const PlotEnds& ends,
                                      std::initializer_list<const Paths*> bridges);
// Of so many points by where they start.
LegendEntry start_entry(const std::string& name);

// A grid of panels that can be read, one for each time.
SheetShape slices_shape(Index times);
std::string time_title(double time);  // "t = 0.25"

// The entries of the ends, then of the paths and their means.
std::vector<LegendEntry> paths_legend(const Paths& paths, const Paths& means,
                                      std::vector<LegendEntry> ends);

// Rows as strands through the slices, in the colours of their classes (start_classes), from full to
// faint as time goes on; the rows of means dark and thick over them.
void draw_strands(const Panel& panel, const std::vector<Points>& slices,
                  const std::vector<Points>& means, const std::vector<int>& classes);

// A grid of panels of solvers.
SheetShape comparison_shape(Index panels);

}  // namespace otbridge
