// The house rules that a program can read off a source file: who includes whom, and what stays
// where. One violation is one line, "path:line: rule".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace otbridge::layout {

// The room of a path such as "src/solvers/sinkhorn_plan.cpp" or "include/otbridge/core/points.hpp";
// empty for files outside the rooms (tools, tests, the umbrella header).
std::string room_of(std::string_view path);

// All rules that concern one file of src, include, tools or tests. path is relative to the root.
std::vector<std::string> check_source(std::string_view path, std::string_view text);

// Rules about a build file: flags that change what infinities and NaN mean.
std::vector<std::string> check_build_file(std::string_view path, std::string_view text);

// Rules about where a file lies: room names.
std::vector<std::string> check_path(std::string_view path);

}  // namespace otbridge::layout
