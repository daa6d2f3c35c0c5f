// A table in the forms it is written in.
#pragma once

#include <string>
#include <vector>

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/tables/summary.hpp"

namespace otbridge::cli {

// command: how to make it again, for the reader of the file.
struct TableReport {
  const Table& table;
  std::vector<FilledCell> cells;
  Index seeds;
  std::string command;
};

std::string table_text(const TableReport& report);      // columns aligned by spaces
std::string table_markdown(const TableReport& report);  // a section of a page
std::string table_csv(const TableReport& report);       // one line per method, problem and column
Json table_json(const TableReport& report);             // all of it, with the cells

}  // namespace otbridge::cli
