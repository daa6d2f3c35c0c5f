#include "otbridge/io/comparison_table.hpp"

#include <algorithm>
#include <utility>

#include "otbridge/core/number_text.hpp"
#include "otbridge/solve/report_text.hpp"

namespace otbridge {
namespace {

using Number = std::optional<double>;

// A figure of the rows; on the line of the floors what exact draws score, the least that means
// anything.
struct Column {
  const char *heading, *key;
  Number (*of_row)(const ComparisonRow&);
  Number (*floor)(const Comparison&) = nullptr;
};

template <auto member>
Number score(const ComparisonRow& row) {
  return (*row.score).*member;
}
template <auto member>
Number floor_of(const Comparison& comparison) {
  return comparison.floors ? Number(comparison.floors->distances.*member) : std::nullopt;
}
template <auto member>
Number bridge(const ComparisonRow& row) {
  return row.bridge ? (*row.bridge).*member : std::nullopt;
}

using Columns = std::vector<Column>;

// Where the points went.
const Columns kDistances{
    {"seconds", "seconds",
     [](const ComparisonRow& row) {
       return row.plan_file.empty() ? Number(row.report.seconds) : std::nullopt;
     }},
    {"W2", "w2", score<&PushforwardScore::w2>, floor_of<&CloudDistances::w2>},
    {"W1", "w1", score<&PushforwardScore::w1>, floor_of<&CloudDistances::w1>},
    {"sliced W2", "sliced_w2", score<&PushforwardScore::sliced_w2>,
     floor_of<&CloudDistances::sliced_w2>},
    {"energy dist.", "energy_distance", score<&PushforwardScore::energy_distance>,
     floor_of<&CloudDistances::energy_distance>}};
const Columns kPlans{
    {"MMD^2", "mmd_squared", score<&PushforwardScore::mmd_squared>,
     floor_of<&CloudDistances::mmd_squared>},
    {"BW2-UVP", "bw2_uvp", [](const ComparisonRow& row) { return row.score->bw2_uvp; },
     [](const Comparison& c) { return c.floors ? c.floors->bw2_uvp : std::nullopt; }},
    {"cost", "transport_cost", score<&PushforwardScore::transport_cost>},
    {"path energy", "path_energy", [](const ComparisonRow& row) { return row.score->path_energy; }},
    {"marginal err.", "marginal_error_target",
     [](const ComparisonRow& row) { return row.report.marginal_error_target; }}};
// How they went there, against the reference.
const Columns kBridges{
    {"path KL", "path_kl", bridge<&BridgeScore::path_kl>},
    {"drift RMSE", "drift_rmse", bridge<&BridgeScore::drift_rmse>},
    {"map RMSE", "map_rmse", bridge<&BridgeScore::map_rmse>},
    {"cBW2-UVP", "conditional_bw2_uvp", bridge<&BridgeScore::conditional_bw2_uvp>,
     [](const Comparison& c) { return c.conditional_bw2_uvp_floor; }},
    {"plan entropy", "plan_entropy",
     [](const ComparisonRow& row) { return row.report.plan_entropy; }}};

// One line of a table: a row, or the floors where there is none.
struct Line {
  std::string name;
  const Comparison* comparison;
  const ComparisonRow* row;
  bool truth = false;
};

std::string full_name(const ComparisonRow& row) {
  return row.plan_file.empty() ? row.solver : row.plan_file;
}

// The truth, then solver by solver from one epsilon to the next, then the floors.
std::vector<Line> lines_of(std::span<const Comparison> grid) {
  std::vector<Line> lines;
  std::vector<std::string> names;
  for (const Comparison& comparison : grid) {
    if (comparison.truth_row)
      lines.push_back({comparison.truth_row->solver, &comparison, &*comparison.truth_row, true});
    for (const ComparisonRow& row : comparison.rows) {
      const std::string name = full_name(row);
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    for (const Comparison& comparison : grid) {
      for (const ComparisonRow& row : comparison.rows) {
        if (full_name(row) == name) lines.push_back({row_name(row), &comparison, &row});
      }
    }
  }
  for (const Comparison& comparison : grid) lines.push_back({"(floor)", &comparison, nullptr});
  return lines;
}

// Empty where it enters no answer.
std::string epsilon_of(const Line& line, std::string (*text)(Number)) {
  if (line.row == nullptr) return text(line.comparison->problem.reference().epsilon());
  if (!line.row->regularised) return "";
  const TransportPlan* plan = line.row->plan.get();
  return text((plan != nullptr ? plan->problem() : line.comparison->problem).reference().epsilon());
}

// The figures of a line as a table shows them; empty where there is no place for one.
std::vector<std::string> figures(const Line& line, const Columns& columns) {
  std::vector<std::string> all;
  for (const Column& column : columns) {
    if (line.row != nullptr) {
      all.push_back(table_number(column.of_row(*line.row)));
    } else {
      all.push_back(column.floor == nullptr ? "" : table_number(column.floor(*line.comparison)));
    }
  }
  return all;
}

// What the last line says again for another epsilon is said once, for all.
void push_floor(TableCells& cells, std::vector<std::string> line, bool by_epsilon) {
  std::vector<std::string>& last = cells.back();
  if (by_epsilon && last[0] == line[0] &&
      std::equal(last.begin() + 2, last.end(), line.begin() + 2, line.end())) {
    last[1] = "";
  } else {
    cells.push_back(std::move(line));
  }
}

// stops: with the reasons to stop. bridges: of the rows alone that are compared by their bridges.
TableCells cells_of(std::span<const Comparison> grid, const Columns& columns, bool stops = false,
                    bool bridges = false) {
  const bool by_epsilon = grid.size() > 1;
  TableCells cells{{"solver"}};
  if (by_epsilon) cells[0].emplace_back("epsilon");
  for (const Column& column : columns) cells[0].emplace_back(column.heading);
  if (stops) cells[0].emplace_back("stop");
  for (const Line& line : lines_of(grid)) {
    if (line.row != nullptr ? line.row->refused() || (bridges && line.truth)
        : bridges           ? !line.comparison->conditional_bw2_uvp_floor
                            : !line.comparison->floors) {
      continue;
    }
    std::vector<std::string> entries{line.name};
    if (by_epsilon) entries.push_back(epsilon_of(line, table_number));
    const auto all = figures(line, columns);
    entries.insert(entries.end(), all.begin(), all.end());
    if (stops) {
      entries.emplace_back(line.row == nullptr  ? ""
                           : line.row->reported ? name_of(line.row->report.stop_reason)
                                                : "-");
    }
    if (line.row == nullptr) {
      push_floor(cells, std::move(entries), by_epsilon);
    } else {
      cells.push_back(std::move(entries));
    }
  }
  return cells;
}

std::string reference_line(const Comparison& comparison) {
  if (comparison.stopped) return "interrupted: no scores of bridges, and no floors";
  switch (comparison.reference) {
    case ReferenceKind::truth:
      return "reference: the true bridge, which is known";
    case ReferenceKind::sinkhorn:
      return "reference: the bridge of sinkhorn, since the true one is not known";
    case ReferenceKind::none:
      break;
  }
  return "reference: none, the true bridge is not known and no row of sinkhorn converged on these "
         "laws";
}

// All rows of all comparisons were measured on the same number of points: one line says which.
std::string points_line(const Comparison& comparison, Index w2_samples) {
  // Draws of a law, or the cloud that it is.
  const auto points = [](const Measure& law, const char* side, Index n) {
    const bool cloud = law.as<WeightedPoints>() != nullptr;
    return (cloud ? "the " + std::to_string(n) + " points of the "
                  : std::to_string(n) + " fresh draws of the ") +
           side;
  };
  const TransportProblem& problem = comparison.problem;
  return "W2, W1, sliced W2, energy dist., MMD^2: " +
         points(problem.source(), "source", comparison.start.size()) + ", moved, against " +
         points(problem.target(), "target", comparison.fresh.size()) + "; W2 and W1 on at most " +
         std::to_string(w2_samples);
}

std::string all_digits(Number value) { return value ? number_text(*value) : ""; }

}  // namespace

std::string row_name(const ComparisonRow& row) {
  if (row.plan_file.empty()) return row.solver;
  const std::string name = printable(row.plan_file.substr(row.plan_file.find_last_of('/') + 1));
  // Both ends, where files of one folder differ.
  constexpr std::size_t kLongest = 24, kBegin = 10, kEnd = 11;
  if (name.size() <= kLongest) return name;
  return name.substr(0, kBegin) + "..." + name.substr(name.size() - kEnd);
}

std::vector<TableCells> comparison_cells(std::span<const Comparison> grid) {
  return {cells_of(grid, kDistances, true), cells_of(grid, kPlans),
          cells_of(grid, kBridges, false, true)};
}

// What has no place in a column: why a row is missing, or has no truth. Each once.
std::vector<std::string> comparison_remarks(std::span<const Comparison> grid) {
  std::vector<std::string> lines;
  const auto add = [&](std::string line) {
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  };
  for (const Comparison& comparison : grid) {
    add(reference_line(comparison));
    const bool truth = comparison.reference == ReferenceKind::truth;
    for (const ComparisonRow& row : comparison.rows) {
      if (row.refused()) add(row_name(row) + ": refused, " + row.refusal);
      if (comparison.reference == ReferenceKind::none || !row.score || row.comparable()) continue;
      add(row_name(row) +
          (row.regularised ? ": was made for another epsilon or theta"
                           : ": solves without epsilon") +
          ", so it is not compared with the entropic " + (truth ? "truth" : "reference"));
    }
  }
  for (const Comparison& comparison : grid) {
    const auto row = std::ranges::find_if(
        comparison.rows, [](const ComparisonRow& r) { return r.score.has_value(); });
    if (row == comparison.rows.end()) continue;
    add(points_line(comparison, row->score->w2_samples));
    break;
  }
  return lines;
}

TableCells comparison_columns(std::span<const Comparison> grid) {
  TableCells cells{{"solver", "plan", "epsilon"}};
  for (const Columns* columns : {&kDistances, &kPlans, &kBridges}) {
    for (const Column& column : *columns) cells[0].emplace_back(column.key);
  }
  for (const char* key : {"stop_reason", "refusal"}) cells[0].emplace_back(key);
  for (const Line& line : lines_of(grid)) {
    const bool floor = line.row == nullptr, refused = !floor && line.row->refused();
    if (floor && !line.comparison->floors) continue;
    std::vector<std::string> entries{floor ? "floor" : line.row->solver,
                                     floor ? "" : line.row->plan_file,
                                     epsilon_of(line, all_digits)};
    for (const Columns* columns : {&kDistances, &kPlans, &kBridges}) {
      for (const Column& column : *columns) {
        const bool given = floor ? column.floor != nullptr : !refused;
        entries.push_back(all_digits(!given  ? std::nullopt
                                     : floor ? column.floor(*line.comparison)
                                             : column.of_row(*line.row)));
      }
    }
    const bool stopped = !floor && !refused && line.row->reported;
    entries.emplace_back(stopped ? name_of(line.row->report.stop_reason) : "");
    entries.push_back(refused ? line.row->refusal : "");
    cells.push_back(std::move(entries));
  }
  return cells;
}

}  // namespace otbridge
