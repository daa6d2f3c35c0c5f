// Pictures of the commands: what all of them say and hold, and the files they go to.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "job.hpp"
#include "otbridge/plot/figure.hpp"

namespace otbridge::cli {

// By its extension, in any case: .svg, .png or .pdf.
bool is_picture(const std::string& path);

// Pairs of an option and its path. Throws UsageError for a path whose extension is none of .svg,
// .png and .pdf, or needs a library that was not built in; IoFailure for one that could not be
// written. Empty paths are skipped.
void check_pictures(std::initializer_list<std::pair<const char*, std::string>> pictures);

// As SVG, or drawn from it by librsvg: PNG with two pixels to each of the SVG's, PDF with one point
// to each.
void write_picture(const std::string& path, const std::string& svg);

// With the command line, seed and version as its origin.
FigureText figure_text(const Job& job, const RunOptions& run, const std::string& title,
                       const std::string& subtitle, const std::string& description);

PlotCloud plot_cloud(const Cloud& cloud);
// Clouds of both laws under the names of the columns: the source's, or the target's where it has
// none.
PlotEnds plot_ends(const Job& job, const PlotCloud& source, const PlotCloud& target);

}  // namespace otbridge::cli
