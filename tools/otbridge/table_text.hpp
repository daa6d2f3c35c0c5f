// A table in the forms it is written in.
#pragma once

#include <string>
#include <vector>

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/tables/summary.hpp"
#include "text_grid.hpp"

namespace otbridge::cli {

// command: how to make it again, for the reader of the file.
struct TableReport {
  const Table& table;
  std::vector<FilledCell> cells;
  Index seeds;
  std::string command;
};

// A table for each column: what it says, and methods by problems.
struct ColumnTable {
  std::string column, meaning;
  Cells cells;
};
std::vector<ColumnTable> column_tables(const TableReport& report);
// Of the table, and why figures are missing.
std::vector<std::string> table_remarks(const TableReport& report);

std::string table_text(const TableReport& report);      // columns aligned by spaces
std::string table_markdown(const TableReport& report);  // a section of a page
std::string table_csv(const TableReport& report);       // one line per method, problem and column
Json table_json(const TableReport& report);             // all of it, with the cells

}  // namespace otbridge::cli
