// Tables: the benchmark problems of the field, with what is measured on each and the figures that
// were published for it; a cell is one solver on one problem under one seed.
//
// Data only: text, files and what is kept between runs are made of it elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/problem/problem.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

// One problem of a table.
struct TableProblem {
  std::string name;  // "moons, epsilon 0.5": one of a kind in its table
  TransportProblem problem;
};

// A figure of the literature, for one problem and one column.
struct PublishedFigure {
  std::string problem, method, column;
  double value;
  std::optional<double> deviation = {};  // over seeds, where it was given
};

struct Table {
  std::string name;
  std::string title;  // one line
  std::vector<TableProblem> problems;
  // Keys of TableCell::values, the first one ranks the solvers. Where a column has a floor its key
  // is the column's with "_floor".
  std::vector<std::string> columns;
  Index samples, draws;  // of each law: a solver's, and those that score it
  std::vector<PublishedFigure> published;
  std::vector<std::string> remarks;  // what a reader must know, a line each
  int definition = 3;  // of what is measured, and how: raised with it, so that no cell is kept
};

std::vector<std::string> table_names();
// Throws InvalidInput naming the known ones. Laws are made, nothing is drawn.
Table make_table(const std::string& name);

// What stands beside the solvers on a problem whose bridge is known: its exact draws, the Euler
// chain of its true drift, and the two laws drawn independently. Empty for other problems, but for
// the last of the three.
std::vector<const Solver*> yardsticks(const TableProblem& problem);

struct TableCell {
  std::map<std::string, double> values;  // finite; what is not known is left out
  std::string stop;                      // why the solver stopped, by its name
  std::string refusal;                   // why it did not take the problem; else empty
};

// Solves and scores the columns of the table, deterministic but for "seconds". truth:
// known_answer(problem), or null. solve: by whatever solver, under the seed; what it throws as
// InvalidInput becomes the refusal.
TableCell fill_cell(const Table& table, const TableProblem& problem, const TransportPlan* truth,
                    std::uint64_t seed,
                    const std::function<Solution(const TransportProblem&)>& solve);

// Mean and standard deviation (n - 1; empty for one seed) of a column over cells that have it.
struct TableFigure {
  double mean;
  std::optional<double> deviation;
};
std::optional<TableFigure> figure_of(const std::vector<TableCell>& cells,
                                     const std::string& column);

}  // namespace otbridge
