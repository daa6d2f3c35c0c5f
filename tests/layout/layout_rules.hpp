// The house rules that a program can read off a source file: who includes whom, and what stays
// where. One violation is one line, "path:line: rule".
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace otbridge::layout {

using Names = std::set<std::string, std::less<>>;

// The rooms and what each may include besides itself.
struct FloorPlan {
  std::map<std::string, Names, std::less<>> may_include;
  Names private_rooms;  // whose headers are in src
};
// The table of docs/hacking.md whose third column is "may include": one room in backticks, marked
// (private) or not; what it holds; rooms in backticks, or the word nothing. Throws
// std::runtime_error for a row of another form.
FloorPlan read_floor_plan(std::string_view markdown);

// The room of a path such as "src/solvers/sinkhorn/plan.cpp" or "include/otbridge/core/points.hpp";
// empty for files outside the rooms (tools, tests, the umbrella header).
std::string room_of(std::string_view path);

// All rules that concern one file of src, include, tools or tests. path is relative to the root.
std::vector<std::string> check_source(const FloorPlan& plan, std::string_view path,
                                      std::string_view text);

// Rules about a build file: flags that change what infinities and NaN mean.
std::vector<std::string> check_build_file(std::string_view path, std::string_view text);

// Rules about where a file lies: room names.
std::vector<std::string> check_path(const FloorPlan& plan, std::string_view path);

}  // namespace otbridge::layout
