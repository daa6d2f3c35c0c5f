// --animate: the bridge in motion, as a film.
#pragma once

#include <string>

#include "otbridge/core/points.hpp"
#include "otbridge/core/random.hpp"
#include "otbridge/plot/figure.hpp"

namespace otbridge::cli {

constexpr Index kAnimationFrames = 60;

// Throws UsageError for a path that is no .gif, .png or .svg, or that needs a library which was not
// built in; IoFailure for one that could not be written. Empty is skipped.
void check_animation(const std::string& path);

// One picture for each of the times, in even steps; of an SVG a few of them, between which dots
// glide. The same bytes for the same input.
void write_animation(const std::string& path, const FigureText& text, const PlotEnds& ends,
                     const Paths& paths, const Points& start, const RandomStream& stream);

}  // namespace otbridge::cli
