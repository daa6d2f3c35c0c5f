#include "table_text.hpp"

#include <map>
#include <set>

#include "otbridge/core/number_text.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/solve/report_text.hpp"

namespace otbridge::cli {
namespace {

// What a heading says of a column.
const std::map<std::string, std::string> kMeaning{
    {"w2",
     "W2 of the moved points to fresh draws of the target; in brackets what is above the floor"},
    {"sliced_w2", "sliced W2 likewise, 128 directions"},
    {"path_energy", "E int |b|^2 dt along the bridge"},
    {"bw2_uvp", "BW2-UVP of the moved points against the target, percent"},
    {"conditional_bw2_uvp", "cBW2-UVP, conditionals against the true ones, percent"},
    {"path_kl", "path KL, the truth against the bridge, nats, by 50 time steps"},
    {"map_rmse", "root mean square of the map's error"},
    {"kl_full", "KL of full covariances, mean over 21 times, nats"},
    {"kl_diagonal", "KL coordinate by coordinate, mean over 21 times, nats"},
    {"seconds", "seconds of the solve"}};

std::string figure_text(const std::optional<TableFigure>& figure) {
  if (!figure) return "-";
  std::string text = table_number(figure->mean);
  if (figure->deviation) text += " \u00b1 " + table_number(figure->deviation);
  return text;
}

Cells grid(const Table& table, const SummaryColumn& column) {
  Cells cells{{column.column}};
  for (const TableProblem& problem : table.problems) cells[0].push_back(problem.name);
  for (const SummaryRow& row : column.rows) {
    std::string method = row.method;
    if (row.kind == RowKind::floor) method = "(floor: exact draws)";
    if (row.kind == RowKind::published) method = "published: " + method;
    cells.push_back({method});
    for (std::size_t k = 0; k < row.figures.size(); ++k) {
      std::string text = figure_text(row.figures[k]);
      // Of other columns the floor is a small part, or none.
      if (column.column == "w2" && row.above_floor[k]) {
        text += " (" + table_number(*row.above_floor[k]) + ")";
      }
      cells.back().push_back(text);
    }
  }
  return cells;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

}  // namespace

std::vector<ColumnTable> column_tables(const TableReport& report) {
  std::vector<ColumnTable> tables;
  for (const SummaryColumn& column : summarise(report.table, report.cells)) {
    if (column.rows.empty()) continue;
    tables.push_back({column.column, kMeaning.at(column.column), grid(report.table, column)});
  }
  return tables;
}

std::vector<std::string> table_remarks(const TableReport& report) {
  std::vector<std::string> lines = report.table.remarks;
  std::set<std::string> seen;
  for (const FilledCell& filled : report.cells) {
    const TableCell& c = filled.cell;
    std::string line = filled.solver + " on " + filled.problem + ": ";
    if (!c.refusal.empty()) {
      line = filled.solver + " refused: " + c.refusal;
    } else if (c.stop != "converged") {
      line += "stopped by " + c.stop;
    } else {
      continue;
    }
    if (seen.insert(line).second) lines.push_back(line);
  }
  return lines;
}

std::string table_text(const TableReport& report) {
  std::string text = report.table.name + ": " + report.table.title + "\n";
  for (const ColumnTable& table : column_tables(report))
    text += "\n" + table.meaning + "\n" + aligned(table.cells);
  text += "\n";
  for (const std::string& remark : table_remarks(report)) text += remark + "\n";
  return text;
}

std::string table_markdown(const TableReport& report) {
  std::string text = "## " + report.table.name + "\n\n" + report.table.title + ".\n\n```\n" +
                     report.command + "\n```\n";
  for (const ColumnTable& table : column_tables(report))
    text += "\n**" + table.column + "**: " + table.meaning + ".\n\n" + markdown(table.cells);
  text += "\n";
  for (const std::string& remark : table_remarks(report)) text += "- " + remark + "\n";
  return text;
}

std::string table_csv(const TableReport& report) {
  std::string text = "table,problem,column,kind,method,mean,deviation,above_floor\n";
  for (const SummaryColumn& column : summarise(report.table, report.cells)) {
    for (const SummaryRow& row : column.rows) {
      for (std::size_t k = 0; k < row.figures.size(); ++k) {
        if (!row.figures[k]) continue;
        const auto number = [](const std::optional<double>& value) {
          return value ? number_text(*value) : std::string();
        };
        text += report.table.name + "," + quoted(report.table.problems[k].name) + "," +
                column.column + "," + std::string(name_of(row.kind)) + "," + quoted(row.method) +
                "," + number_text(row.figures[k]->mean) + "," + number(row.figures[k]->deviation) +
                "," + number(row.above_floor[k]) + "\n";
      }
    }
  }
  return text;
}

Json table_json(const TableReport& report) {
  Json json{{"table", report.table.name},  {"title", report.table.title},
            {"seeds", report.seeds},       {"samples", report.table.samples},
            {"draws", report.table.draws}, {"remarks", table_remarks(report)},
            {"columns", Json::array()},    {"cells", Json::array()}};
  for (const SummaryColumn& column : summarise(report.table, report.cells)) {
    Json rows = Json::array();
    for (const SummaryRow& row : column.rows) {
      Json figures = Json::object();
      for (std::size_t k = 0; k < row.figures.size(); ++k) {
        if (!row.figures[k]) continue;
        figures[report.table.problems[k].name] = {
            {"mean", row.figures[k]->mean},
            {"deviation", number_or_null(row.figures[k]->deviation)},
            {"above_floor", number_or_null(row.above_floor[k])}};
      }
      rows.push_back({{"method", row.method}, {"kind", name_of(row.kind)}, {"figures", figures}});
    }
    json["columns"].push_back({{"column", column.column}, {"rows", rows}});
  }
  for (const FilledCell& filled : report.cells) {
    json["cells"].push_back({{"problem", filled.problem},
                             {"solver", filled.solver},
                             {"seed", filled.seed},
                             {"stop", filled.cell.stop},
                             {"refusal", filled.cell.refusal},
                             {"values", filled.cell.values}});
  }
  return json;
}

}  // namespace otbridge::cli
