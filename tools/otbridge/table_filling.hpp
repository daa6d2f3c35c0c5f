// Filling a table: a cell is solved and scored once, whoever of several processes does it.
#pragma once

#include <string>
#include <vector>

#include "contenders.hpp"
#include "table_cells.hpp"

namespace otbridge::cli {

// Of all cells in their order every n-th, beginning with the i-th.
struct Shard {
  Index i = 1, n = 1;
  bool holds(Index cell) const { return cell % n == i - 1; }
};

struct TableFilling {
  const Table& table;
  const std::vector<Contender>& chosen;  // beside whom the yardsticks stand
  const std::vector<std::string>& set;   // SOLVER.KEY=VALUE, as given
  Index seeds;
  Shard shard;
  const RunOptions& run;
};

// A solver was told to stop, so that its cell is not done; others that are done are kept.
struct TableInterrupted {
  int exit_code;  // of the process that was told
};

// The cells of the shard in the order of the table: those of the file, and those that were missing,
// each kept there as soon as it is done and told by a line on stderr. Of several processes each
// fills cells of its own, as one process would; they are kept when all are done with one.
std::vector<FilledCell> fill_table(const TableFilling& filling, CellFile& file);

}  // namespace otbridge::cli
