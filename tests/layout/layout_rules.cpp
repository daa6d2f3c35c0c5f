#include "layout_rules.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace otbridge::layout {
namespace {

constexpr int kLongestFile = 450;

const Names kVagueNames{"utils", "util", "common", "helpers", "helper", "misc", "shared"};
// Built without vector flags, so nothing it includes can carry such code into the program.
constexpr std::string_view kChoiceOfKernels = "src/kernels/select_kernel_set.cpp";
const Names kPrinting{"std::cout", "std::cerr",  "std::printf",
                      "fprintf(",  "std::abort", "std::exit"};
const Names kOtherRandomness{"std::mt19937", "std::normal_distribution", "std::random_device",
                             "std::rand("};

bool is_kernel(std::string_view path) { return path.starts_with("src/kernels/"); }
bool in_library(std::string_view path) {
  return path.starts_with("src/") || path.starts_with("include/");
}
bool is_header(std::string_view path) { return path.ends_with(".hpp"); }

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  }
  return parts;
}

// "sinkhorn" for "otbridge/solvers/sinkhorn.hpp" and "solvers/sinkhorn/plan.hpp": the solver that a
// file of the room belongs to.
std::string_view method_of(std::string_view path) {
  constexpr std::string_view kRoom = "solvers/";
  const std::string_view below = path.substr(path.find(kRoom) + kRoom.size());
  return below.substr(0, below.find_first_of("/."));
}

// The rules that concern one #include of one file.
class IncludeRules {
 public:
  IncludeRules(const FloorPlan& plan, std::string_view path, std::string_view included, bool system)
      : plan_(plan), path_(path), included_(included), system_(system), room_(room_of(path)) {}

  std::vector<std::string> broken() {
    check_third_parties();
    if (!system_) check_rooms();
    return std::move(broken_);
  }

 private:
  void fail(const std::string& rule) { broken_.push_back(rule); }
  bool within(std::string_view library) const {
    return included_ == library || included_.starts_with(std::string(library) + "/");
  }

  void check_third_parties() {
    const bool test = path_.starts_with("tests/");
    if (within("nlohmann") && room_ != "io") fail("only io includes nlohmann");
    if (within("CLI") && !path_.starts_with("tools/")) fail("only tools include CLI11");
    if (within("boost") && is_header(path_) && !test) fail("Boost stays in .cpp files");
    if (within("Random123") && room_ != "core") fail("only core includes Random123");
    if (included_ == "omp.h" && path_ != "include/otbridge/core/parallel.hpp") {
      fail("only core/parallel.hpp includes omp.h");
    }
    static const Names plain{"cstddef", "cstdint", "cstdlib",    "cstring",
                             "cmath",   "limits",  "immintrin.h"};
    if (is_kernel(path_) && system_ && !plain.contains(included_)) {
      fail("kernels include neither Eigen nor containers");
    }
  }

  void check_rooms() {
    if (!path_.starts_with("src/") && !path_.starts_with("include/")) {
      const auto parts = parts_of(included_);
      // Its own headers stand beside it; anything with a folder comes from include/otbridge.
      if (path_.starts_with("tools/otbridge/") && parts.size() > 1 && parts.front() != "otbridge") {
        fail("the command line uses the public interface");
      }
      return;
    }
    if (room_.empty()) return;  // the umbrella header includes every room
    const auto parts = parts_of(included_);
    const bool is_public = parts.front() == "otbridge";
    if (parts.size() < (is_public ? 3U : 2U)) {
      if (included_ != "otbridge/otbridge.hpp") {
        fail("an include names its room: \"" + room_ + "/" + std::string(included_) + "\"");
      } else {
        fail("the library does not include its own umbrella header");
      }
      return;
    }
    const std::string_view other = parts[is_public ? 1 : 0];
    if (path_.starts_with("include/") && !is_public) {
      fail("a public header includes public headers only");
    }
    const auto& table = plan_.may_include;
    if (path_ == kChoiceOfKernels && included_ == "otbridge/core/error.hpp") return;
    if (other != room_ && table.contains(room_) && !table.at(room_).contains(std::string(other))) {
      fail(room_ + " may not include " + std::string(other));
    }
    if (other == "solvers") check_solvers();
    if (other == "known" && room_ == "solvers" && method_of(path_) != "registry") {
      fail("of solvers the registry alone includes known");
    }
  }

  // Solvers do not know each other, and the rest of the library knows them by the registry only.
  void check_solvers() {
    const std::string_view method = method_of(included_);
    if (room_ == "io" && method != "registry") fail("io knows solvers by the registry only");
    if (room_ != "solvers" || method_of(path_) == "registry") return;
    if (method != method_of(path_)) {
      fail("the solver " + std::string(method_of(path_)) + " may not include " +
           std::string(method) + ": what two solvers share moves to a lower room");
    }
  }

  const FloorPlan& plan_;
  std::string_view path_, included_;
  bool system_;
  std::string room_;
  std::vector<std::string> broken_;
};

// A preprocessor line without its blanks, "#include<omp.h>" or "#pragmaomp..."; else empty.
std::string directive_of(std::string_view code) {
  std::string directive;
  std::ranges::copy_if(code, std::back_inserter(directive),
                       [](char c) { return c != ' ' && c != '\t' && c != '\r'; });
  return directive.starts_with("#") ? directive : "";
}

std::vector<std::string> check_line(const FloorPlan& plan, std::string_view path,
                                    std::string_view line) {
  std::vector<std::string> broken;
  const std::string_view code = line.substr(0, line.find("//"));
  if (const std::string directive = directive_of(code); directive.starts_with("#include")) {
    const auto open = directive.find_first_of("<\"");
    const auto close = directive.find_last_of(">\"");
    if (open == std::string::npos || close <= open) return broken;
    const std::string included = directive.substr(open + 1, close - open - 1);
    return IncludeRules(plan, path, included, directive[open] == '<').broken();
  } else if (directive.starts_with("#pragmaomp") && !is_kernel(path) &&
             path != "include/otbridge/core/parallel.hpp") {
    broken.push_back("#pragma omp outside kernels and core/parallel.hpp");
  }
  if (!in_library(path)) return broken;
  const auto mentions = [&](const Names& names) {
    return std::ranges::any_of(
        names, [&](const std::string& name) { return code.find(name) != std::string_view::npos; });
  };
  // io writes clouds to standard output on request; nothing else prints.
  if (mentions(kPrinting) && room_of(path) != "io") broken.push_back("the library never prints");
  if (path != kChoiceOfKernels && mentions({"getenv"})) {
    broken.push_back(
        "settings come from callers: of the environment only the kernels' name is read");
  }
  if (mentions(kOtherRandomness)) broken.push_back("random numbers come from RandomStream");
  if (is_kernel(path) && code.find("std::vector") != std::string_view::npos) {
    broken.push_back("kernels include neither Eigen nor containers");
  }
  return broken;
}

template <class Check>
std::vector<std::string> each_line(std::string_view path, std::string_view text, Check&& check) {
  std::vector<std::string> broken;
  int number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    ++number;
    for (const std::string& rule : check(text.substr(0, end))) {
      broken.push_back(std::string(path) + ":" + std::to_string(number) + ": " + rule);
    }
    text = text.substr(std::min(end + 1, text.size()));
  }
  return broken;
}

// The cells of a row of a Markdown table; empty for another line.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  if (!line.starts_with("|")) return cells;
  for (line.remove_prefix(1); !line.empty();) {
    const auto bar = std::min(line.find('|'), line.size());
    cells.emplace_back(line.substr(0, bar));
    line = line.substr(std::min(bar + 1, line.size()));
  }
  return cells;
}

// The words between backticks, and in `rest` what stands around them.
Names quoted_words(std::string_view cell, std::string& rest) {
  Names words;
  while (true) {
    const auto open = cell.find('`');
    rest += cell.substr(0, open);
    if (open == std::string_view::npos) return words;
    const auto close = cell.find('`', open + 1);
    if (close == std::string_view::npos) throw std::runtime_error("a backtick is not closed");
    words.emplace(cell.substr(open + 1, close - open - 1));
    cell = cell.substr(close + 1);
  }
}

}  // namespace

FloorPlan read_floor_plan(std::string_view markdown) {
  FloorPlan plan;
  bool in_table = false;
  each_line("", markdown, [&](std::string_view line) -> std::vector<std::string> {
    const auto cells = cells_of(line);
    if (cells.size() == 3 && cells[2].find("may include") != std::string::npos) {
      in_table = true;
    } else if (cells.size() != 3) {
      in_table = false;
    } else if (in_table && cells[0].find("---") == std::string::npos) {
      std::string about, around;
      const Names rooms = quoted_words(cells[0], about), others = quoted_words(cells[2], around);
      // Words outside backticks would be rules that nobody checks.
      std::erase_if(around, [](char c) { return c == ' ' || c == ','; });
      if (rooms.size() != 1 || around != (others.empty() ? "nothing" : "")) {
        throw std::runtime_error("not a row of the table of rooms: " + std::string(line));
      }
      plan.may_include[*rooms.begin()] = others;
      if (about.find("private") != std::string::npos) plan.private_rooms.insert(*rooms.begin());
    }
    return {};
  });
  return plan;
}

std::string room_of(std::string_view path) {
  const auto parts = parts_of(path);
  if (parts.size() >= 3 && parts[0] == "src") return std::string(parts[1]);
  if (parts.size() >= 4 && parts[0] == "include" && parts[1] == "otbridge") {
    return std::string(parts[2]);
  }
  return "";
}

std::vector<std::string> check_source(const FloorPlan& plan, std::string_view path,
                                      std::string_view text) {
  auto broken =
      each_line(path, text, [&](std::string_view line) { return check_line(plan, path, line); });
  const auto lines = std::ranges::count(text, '\n');
  const auto fail = [&](const std::string& rule) {
    broken.push_back(std::string(path) + ":1: " + rule);
  };
  if (lines > kLongestFile) fail("is longer than " + std::to_string(kLongestFile) + " lines");
  if (is_header(path)) {
    if (!text.starts_with("// ")) fail("a header begins by saying what it is for");
    if (text.find("#pragma once") == std::string_view::npos) fail("a header has #pragma once");
  }
  return broken;
}

std::vector<std::string> check_build_file(std::string_view path, std::string_view text) {
  return each_line(path, text, [](std::string_view line) -> std::vector<std::string> {
    const std::string_view code = line.substr(0, line.find('#'));
    for (const std::string_view flag : {"-ffast-math", "-Ofast", "-ffinite-math-only"}) {
      if (code.find(flag) != std::string_view::npos) {
        return {std::string(flag) + ": -inf and NaN are meaningful here"};
      }
    }
    return {};
  });
}

std::vector<std::string> check_path(const FloorPlan& plan, std::string_view path) {
  std::vector<std::string> broken;
  for (const auto part : parts_of(path)) {
    if (kVagueNames.contains(part)) {
      broken.push_back(std::string(path) + ": no room is called " + std::string(part));
    }
  }
  const std::string room = room_of(path);
  if (!room.empty() && !plan.may_include.contains(room)) {
    broken.push_back(std::string(path) + ": " + room + " is not a room of the floor plan");
  }
  if (path.starts_with("include/") && plan.private_rooms.contains(room)) {
    broken.push_back(std::string(path) + ": " + room +
                     " is a private room, its headers are in src");
  }
  return broken;
}

}  // namespace otbridge::layout
