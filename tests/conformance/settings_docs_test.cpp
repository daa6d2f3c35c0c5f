// The tables of docs/solvers against the settings that the solvers describe.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "otbridge/solve/solver.hpp"
#include "otbridge/solvers/registry.hpp"

using namespace otbridge;

namespace {

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
