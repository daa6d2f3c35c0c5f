#include "comparison_table.hpp"

#include "otbridge/io/comparison_table.hpp"
#include "otbridge/solve/report_text.hpp"
#include "text_grid.hpp"

namespace otbridge::cli {

std::string comparison_text(std::span<const Comparison> grid) {
  constexpr std::size_t kTableWidth = 80;  // of a terminal
  std::string text;
  for (const Cells& cells : comparison_cells(grid)) {
    text += (text.empty() ? "" : "\n") + folded(cells, grid.size() > 1 ? 2 : 1, kTableWidth);
  }
  for (const std::string& line : comparison_remarks(grid)) text += wrapped(line, kTableWidth);
  return text;
}

std::string comparison_markdown(std::span<const Comparison> grid, const std::string& command) {
  std::string text = "```\n" + printable(command) + "\n```\n";
  for (const Cells& cells : comparison_cells(grid)) text += "\n" + markdown(cells);
  text += "\n";
  for (const std::string& line : comparison_remarks(grid)) text += "- " + line + "\n";
  return text;
}

std::string comparison_latex(std::span<const Comparison> grid, const std::string& command) {
  std::string text = "% " + printable(command) + "\n% \\usepackage{booktabs}\n";
  for (const Cells& cells : comparison_cells(grid)) text += latex(cells);
  for (const std::string& line : comparison_remarks(grid)) text += "% " + printable(line) + "\n";
  return text;
}

std::string comparison_csv(std::span<const Comparison> grid) {
  return csv(comparison_columns(grid));
}

}  // namespace otbridge::cli
