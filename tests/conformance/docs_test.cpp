// What the pages say that a program can check: settings, paths and links, the programs of the
// README and the recipes.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "otbridge/solve/solver.hpp"
#include "otbridge/solvers/registry.hpp"

using namespace otbridge;
namespace fs = std::filesystem;

namespace {

const fs::path kRoot = OTBRIDGE_SOURCE_DIR;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  REQUIRE_MESSAGE(file, path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> pages() {
  std::vector<fs::path> all;
  for (const char* folder : {"", "docs", "docs/solvers", "data"}) {
    for (const auto& entry : fs::directory_iterator(kRoot / folder)) {
      if (entry.path().extension() == ".md") all.push_back(entry.path());
    }
  }
  return all;
}

// What stands between each `open` and the next `close`, on one line.
std::vector<std::string> enclosed(const std::string& text, const std::string& open, char close) {
  std::vector<std::string> found;
  for (auto at = text.find(open); at != std::string::npos; at = text.find(open, at + 1)) {
    const auto begin = at + open.size(),
               end = text.find_first_of(std::string(1, close) + "\n", begin);
    if (end == std::string::npos || text[end] == '\n') continue;
    found.push_back(text.substr(begin, end - begin));
    if (open.back() == close) at = end;  // the closing mark opens nothing
  }
  return found;
}

// The cells of "| a | b \| c | d |", without the spaces around them; \| is a bar within a cell.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
      cell += line[++i];
    } else if (line[i] == '|') {
      const auto first = cell.find_first_not_of(' '), last = cell.find_last_not_of(' ');
      cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
      cell.clear();
    } else {
      cell += line[i];
    }
  }
  return cells;
}

// The rows of the first table below "## Settings", by the names of their columns.
std::vector<std::map<std::string, std::string>> settings_table(const std::string& path) {
  std::ifstream file(path);
  REQUIRE_MESSAGE(file, path);
  std::vector<std::string> columns;
  std::vector<std::map<std::string, std::string>> rows;
  bool within = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ")) within = line == "## Settings";
    if (!within || line.empty() || line[0] != '|') {
      if (!columns.empty()) break;
      continue;
    }
    const auto cells = cells_of(line);
    if (columns.empty()) {
      columns = cells;
    } else if (!line.starts_with("|--")) {
      rows.emplace_back();
      for (std::size_t k = 0; k < std::min(cells.size(), columns.size()); ++k) {
        rows.back()[columns[k]] = cells[k];
      }
    }
  }
  return rows;
}

// 1e-06 and 1e+09 are written 1e-6 and 1e9 in the pages.
std::string as_in_pages(std::string text) {
  for (const auto& [from, to] :
       {std::pair<std::string, std::string>{"e-0", "e-"}, {"e+0", "e"}, {"e+", "e"}}) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from)) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

// A page without its fenced blocks, in which `](` is C++.
std::string prose_of(const std::string& page) {
  std::istringstream in(page);
  std::string prose;
  bool fenced = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) fenced = !fenced;
    if (!fenced) prose += line + "\n";
  }
  return prose;
}

// The first block of a language below a place of a page, without its fences.
std::string block_after(const std::string& page, std::size_t place, const std::string& language) {
  const std::string fence = "```" + language + "\n";
  const auto found = page.find(fence, place);
  REQUIRE(found != std::string::npos);
  const auto begin = found + fence.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

// What a page shows of a program: what is below its first comment.
std::string shown_of(const fs::path& program) {
  const std::string text = text_of(program);
  return text.substr(text.find("#include"));
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("the page of each solver has every setting, no other, with its default and range") {
  for (const auto& solver : solvers()) {
    const std::string page = "/docs/solvers/" + std::string(solver->name()) + ".md";
    CAPTURE(page);
    const auto table = settings_table(OTBRIDGE_SOURCE_DIR + page);
    const auto settings = solver->settings();
    CHECK(table.size() == settings.size());
    for (const SettingRow& setting : settings) {
      // In the order of the description, so that page, help and code read alike.
      const auto index = static_cast<std::size_t>(&setting - settings.data());
      const auto found = index < table.size() ? table[index] : std::map<std::string, std::string>{};
      const auto cell = [&](const std::string& column) {
        const auto at = found.find(column);
        return at == found.end() ? std::string("no such column") : at->second;
      };
      CAPTURE(setting.name);
      CHECK(cell("key") == "`" + setting.name + "`");
      CHECK(cell("default") == as_in_pages(setting.default_value));
      CHECK(cell("range") == as_in_pages(setting.range));
      CHECK(cell("meaning") != "");
    }
  }
}

TEST_CASE("the files that pages name, and those they link, are there") {
  const std::vector<std::string> tops{"src/", "include/", "tests/", "tools/", "docs/", "data/"};
  int links = 0, paths = 0;
  for (const fs::path& page : pages()) {
    CAPTURE(page.string());
    const std::string text = prose_of(text_of(page));
    for (const std::string& link : enclosed(text, "](", ')')) {
      if (link.starts_with("http") || link.starts_with("#")) continue;
      CAPTURE(link);
      CHECK(fs::exists(page.parent_path() / link.substr(0, link.find('#'))));
      ++links;
    }
    for (const std::string& path : enclosed(text, "`", '`')) {
      const bool named =
          std::ranges::any_of(tops, [&](const auto& t) { return path.starts_with(t); });
      // Placeholders are in capitals, and a command goes on after a space.
      if (!named || path.find_first_of(" *{") != std::string::npos ||
          path.find("NAME") != std::string::npos) {
        continue;
      }
      CAPTURE(path);
      CHECK(fs::exists(kRoot / path));
      ++paths;
    }
  }
  CHECK(links >= 15);
  CHECK(paths >= 10);
}

TEST_CASE("the README shows the program that tests/consumer builds and runs") {
  const std::string readme = text_of(kRoot / "README.md");
  CHECK(block_after(readme, 0, "cpp") == shown_of(kRoot / "tests/consumer/main.cpp"));
}

TEST_CASE("the recipes are the programs that the tests run, with what they print") {
  const std::string page = text_of(kRoot / "docs/recipes.md");
  std::set<std::string> shown, there;
  for (const std::string& name : enclosed(page, "`tests/consumer/recipes/", '`')) {
    CAPTURE(name);
    const fs::path program = kRoot / "tests/consumer/recipes" / name;
    const auto at = page.find("`tests/consumer/recipes/" + name + "`");
    CHECK(block_after(page, at, "cpp") == shown_of(program));
    CHECK(block_after(page, at, "text") == text_of(fs::path(program).replace_extension(".txt")));
    shown.insert(name);
  }
  for (const auto& entry : fs::directory_iterator(kRoot / "tests/consumer/recipes")) {
    if (entry.path().extension() == ".cpp") there.insert(entry.path().filename().string());
  }
  CHECK((shown == there));
  CHECK(count_of(page, "```cpp\n") == there.size());
}
