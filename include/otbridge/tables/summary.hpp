// What the cells of a table say together: for each column the methods, best first, over its
// problems, with floors, yardsticks and published figures beside them.
#pragma once

#include <string>
#include <vector>

#include "otbridge/tables/table.hpp"

namespace otbridge {

struct FilledCell {
  std::string problem, solver;
  std::uint64_t seed;
  TableCell cell;
};

enum class RowKind {
  solver,
  yardstick,  // yardsticks()
  floor,      // exact draws in place of a plan's
  published,
};
std::string_view name_of(RowKind kind);

struct SummaryRow {
  RowKind kind;
  std::string method;
  // One per problem of the table, in its order; empty where there is none.
  std::vector<std::optional<TableFigure>> figures;
  std::vector<std::optional<double>> above_floor;  // of a solver's mean, in columns with a floor
};

struct SummaryColumn {
  std::string column;
  std::vector<SummaryRow> rows;
};

// The columns of the table, then "seconds". Solvers stand in the order of their mean rank over the
// problems in the table's first column, by what they leave above the floor; then yardsticks, the
// floor, what was published. A row without any figure is left out.
std::vector<SummaryColumn> summarise(const Table& table, const std::vector<FilledCell>& cells);

}  // namespace otbridge
