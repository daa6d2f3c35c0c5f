// Comparisons as tables of text: one of a problem, or several of it, one for each epsilon.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "otbridge/metrics/comparison.hpp"

namespace otbridge {

using TableCells = std::vector<std::vector<std::string>>;  // the headings first

// A row of a comparison by its solver, or by the file of its plan, shortened.
std::string row_name(const ComparisonRow& row);

// Where the points went, what the plans are, how far the bridges are from the reference: a table of
// each, figures of four digits. And the lines beneath them: what rows could not say.
std::vector<TableCells> comparison_cells(std::span<const Comparison> grid);
std::vector<std::string> comparison_remarks(std::span<const Comparison> grid);

// One line for each row, all columns with all digits, the truth and the floors among them by these
// names.
TableCells comparison_columns(std::span<const Comparison> grid);

}  // namespace otbridge
