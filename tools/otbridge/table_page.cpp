#include "table_page.hpp"

#include <algorithm>

#include "otbridge/io/atomic_file.hpp"
#include "otbridge/page/report_page.hpp"
#include "otbridge/solve/report_text.hpp"
#include "output.hpp"

namespace otbridge::cli {
namespace {

// Over the problems that it answered.
std::optional<double> mean_of(const SummaryColumn& column, const std::string& method) {
  double sum = 0.0;
  int count = 0;
  for (const SummaryRow& row : column.rows) {
    if (row.kind != RowKind::solver || row.method != method) continue;
    for (const auto& figure : row.figures) {
      if (figure) sum += figure->mean, ++count;
    }
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

// Solvers in the order of their rank, with their means in the column that ranks them and in time.
void add_scores(ReportPage& page, const std::vector<SummaryColumn>& columns) {
  const SummaryColumn &ranking = columns.front(), &times = columns.back();
  page.measures = {"mean " + ranking.column + " over the problems", "mean time"};
  for (const SummaryRow& row : ranking.rows) {
    if (row.kind != RowKind::solver) continue;
    PageScore score{.solver = row.method, .values = {}, .words = {}};
    score.values = {mean_of(ranking, row.method), mean_of(times, row.method)};
    score.words = {score.values[0] ? short_number(*score.values[0]) : "-",
                   score.values[1] ? duration_text(*score.values[1]) : "-"};
    score.best = page.scores.empty();
    page.scores.push_back(std::move(score));
  }
}

}  // namespace

void write_table_page(const std::string& path, const TableReport& report, const RunOptions& run) {
  const std::vector<SummaryColumn> columns = summarise(report.table, report.cells);
  ReportPage page{.title = "Table " + report.table.name + ": " + report.table.title,
                  .subtitle = "problems: " + std::to_string(report.table.problems.size()) +
                              ", seeds: " + std::to_string(report.seeds) + ", " +
                              std::to_string(report.table.samples) + " draws of each law",
                  .headline = "No solver answered a problem.",
                  .command = printable(run.command_line)};
  add_scores(page, columns);
  if (!page.scores.empty()) {
    page.headline =
        page.scores.front().solver +
        (page.scores.size() == 1 ? " answered by itself: "
                                 : " ranks first, by its mean rank over the problems: ") +
        page.measures.front() + " " + page.scores.front().words.front() + ".";
  }
  const auto stopped = std::ranges::count_if(
      report.cells, [](const FilledCell& filled) { return filled.cell.stop != "converged"; });
  if (stopped > 0) {
    page.verdict = Verdict::warning;
    page.sentences.push_back(std::to_string(stopped) + " of " +
                             std::to_string(report.cells.size()) +
                             " cells did not converge or were refused; the remarks say which.");
  }
  for (ColumnTable& table : column_tables(report))
    page.tables.push_back({table.column + ": " + table.meaning, std::move(table.cells)});
  page.remarks = table_remarks(report);
  write_file(path, report_page(page, RandomStream(0, Purpose::plot)));
}

}  // namespace otbridge::cli
