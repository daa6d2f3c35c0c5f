// Frames: files that are numbered by a pattern in their name, frame_%03d.ply.
#pragma once

#include <string>
#include <vector>

#include "otbridge/core/index.hpp"

namespace otbridge::cli {

// Whether the path holds "%d", perhaps with digits in it.
bool is_pattern(const std::string& path);

// The names of `count` files, numbered from 0. Throws UsageError unless the pattern
// is there once, as %d or as %0Nd, N from 1 to 9.
std::vector<std::string> numbered(const std::string& option, const std::string& pattern,
                                  Index count);

}  // namespace otbridge::cli
