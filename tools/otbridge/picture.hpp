// Pictures of the commands: what all of them say and hold, and the files they go to.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "job.hpp"
#include "otbridge/page/origin.hpp"

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

// inputs: names that may be files, whose checksums a page tells.
Origin origin_of(const Job& job, const RunOptions& run, std::vector<std::string> inputs = {});

PlotCloud plot_cloud(const Cloud& cloud);
}  // namespace otbridge::cli
