// Comparisons as tables: one of a problem, or several of it, one for each epsilon.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "otbridge/metrics/comparison.hpp"
#include "text_grid.hpp"

namespace otbridge::cli {

// A row of a comparison by its solver, or by the file of its plan, shortened.
std::string row_name(const ComparisonRow& row);

// The tables that the texts below are made of, and the lines beneath them: what rows could not say.
std::vector<Cells> comparison_cells(std::span<const Comparison> grid);
std::vector<std::string> comparison_remarks(std::span<const Comparison> grid);

// Within 80 columns, with what rows could not say in lines below.
std::string comparison_text(std::span<const Comparison> grid);
// The same columns as tables of Markdown and of LaTeX (booktabs). command: how to make them again.
std::string comparison_markdown(std::span<const Comparison> grid, const std::string& command);
std::string comparison_latex(std::span<const Comparison> grid, const std::string& command);
// One line for each row, all digits, the truth and the floors among them by these names.
std::string comparison_csv(std::span<const Comparison> grid);

}  // namespace otbridge::cli
