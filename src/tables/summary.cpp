#include "otbridge/tables/summary.hpp"

#include <algorithm>
#include <set>

namespace otbridge {
namespace {

class Summary {
 public:
  Summary(const Table& table, const std::vector<FilledCell>& cells)
      : table_(table), cells_(cells), yardsticks_(yardstick_names(table)), methods_(ranked()) {}

  SummaryColumn column(const std::string& key) const {
    SummaryColumn column{key, {}};
    const auto add = [&](SummaryRow row) {
      const bool any =
          std::ranges::any_of(row.figures, [](const auto& f) { return f.has_value(); });
      if (any) column.rows.push_back(std::move(row));
    };
    for (const std::string& method : methods_) {
      if (!yardsticks_.contains(method)) add(row(RowKind::solver, method, key));
    }
    for (const std::string& method : methods_) {
      if (yardsticks_.contains(method)) add(row(RowKind::yardstick, method, key));
    }
    add(floors(key));
    for (SummaryRow& published : published_rows(key)) add(std::move(published));
    return column;
  }

 private:
  static std::set<std::string> yardstick_names(const Table& table) {
    std::set<std::string> names;
    for (const TableProblem& problem : table.problems) {
      for (const Solver* solver : yardsticks(problem)) names.emplace(solver->name());
    }
    return names;
  }

  std::vector<TableCell> of(const std::string& problem, const std::string& solver) const {
    std::vector<TableCell> found;
    for (const FilledCell& filled : cells_) {
      if (filled.problem == problem && (solver.empty() || filled.solver == solver)) {
        found.push_back(filled.cell);
      }
    }
    return found;
  }

  // Solvers in the order in which they were given, then by their mean rank.
  std::vector<std::string> ranked() const {
    std::vector<std::string> methods;
    for (const FilledCell& filled : cells_) {
      if (std::ranges::find(methods, filled.solver) == methods.end()) {
        methods.push_back(filled.solver);
      }
    }
    std::map<std::string, double> ranks;
    for (const std::string& method : methods) ranks[method] = mean_rank(methods, method);
    std::ranges::stable_sort(methods, {}, [&](const std::string& m) { return ranks[m]; });
    return methods;
  }

  // Among the solvers over all problems, the last place where it has no figure. The floor is the
  // same for all, so that the order of the means is that of what is left above it.
  double mean_rank(const std::vector<std::string>& methods, const std::string& method) const {
    const std::string& key = table_.columns.front();
    double sum = 0.0;
    for (const TableProblem& problem : table_.problems) {
      const auto own = figure_of(of(problem.name, method), key);
      for (const std::string& other : methods) {
        if (yardsticks_.contains(other) || other == method) continue;
        const auto figure = figure_of(of(problem.name, other), key);
        if (!own || (figure && figure->mean < own->mean)) sum += 1.0;
      }
    }
    return sum;
  }

  SummaryRow row(RowKind kind, const std::string& method, const std::string& key) const {
    SummaryRow row{kind, method, {}, {}};
    for (const TableProblem& problem : table_.problems) {
      const std::vector<TableCell> cells = of(problem.name, method);
      const auto figure = figure_of(cells, key), floor = figure_of(cells, key + "_floor");
      row.figures.push_back(figure);
      row.above_floor.push_back(figure && floor ? std::optional(figure->mean - floor->mean)
                                                : std::nullopt);
    }
    return row;
  }

  SummaryRow floors(const std::string& key) const {
    SummaryRow row{RowKind::floor, "floor", {}, {}};
    for (const TableProblem& problem : table_.problems) {
      row.figures.push_back(figure_of(one_per_seed(problem.name), key + "_floor"));
      row.above_floor.emplace_back();
    }
    return row;
  }

  // The floor of a seed is the same in every cell of a problem.
  std::vector<TableCell> one_per_seed(const std::string& problem) const {
    std::map<std::uint64_t, TableCell> cells;
    for (const FilledCell& filled : cells_) {
      if (filled.problem == problem && filled.cell.refusal.empty()) {
        // A cell may lack what its plan refused.
        TableCell& kept = cells[filled.seed];
        kept.values.insert(filled.cell.values.begin(), filled.cell.values.end());
      }
    }
    std::vector<TableCell> list;
    for (auto& entry : cells) list.push_back(std::move(entry.second));
    return list;
  }

  std::vector<SummaryRow> published_rows(const std::string& key) const {
    std::vector<SummaryRow> rows;
    const std::size_t count = table_.problems.size();
    for (const PublishedFigure& figure : table_.published) {
      if (figure.column != key) continue;
      auto row = std::ranges::find(rows, figure.method, &SummaryRow::method);
      if (row == rows.end()) {
        rows.push_back({RowKind::published, figure.method,
                        std::vector<std::optional<TableFigure>>(count),
                        std::vector<std::optional<double>>(count)});
        row = rows.end() - 1;
      }
      const auto problem = std::ranges::find(table_.problems, figure.problem, &TableProblem::name);
      if (problem == table_.problems.end()) continue;  // left out of this table
      row->figures[static_cast<std::size_t>(problem - table_.problems.begin())] =
          TableFigure{figure.value, figure.deviation};
    }
    return rows;
  }

  const Table& table_;
  const std::vector<FilledCell>& cells_;
  std::set<std::string> yardsticks_;
  std::vector<std::string> methods_;
};

}  // namespace

std::string_view name_of(RowKind kind) {
  switch (kind) {
    case RowKind::solver:
      return "solver";
    case RowKind::yardstick:
      return "yardstick";
    case RowKind::floor:
      return "floor";
    case RowKind::published:
      return "published";
  }
  return "";
}

std::vector<SummaryColumn> summarise(const Table& table, const std::vector<FilledCell>& cells) {
  const Summary summary(table, cells);
  std::vector<SummaryColumn> columns;
  for (const std::string& key : table.columns) columns.push_back(summary.column(key));
  columns.push_back(summary.column("seconds"));
  return columns;
}

}  // namespace otbridge
