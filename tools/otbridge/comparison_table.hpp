// Comparisons as text, in the forms that they are written in (otbridge/io/comparison_table.hpp).
#pragma once

#include <span>
#include <string>

#include "otbridge/metrics/comparison.hpp"

namespace otbridge::cli {

// Within 80 columns, with what rows could not say in lines below.
std::string comparison_text(std::span<const Comparison> grid);
// The same columns as tables of Markdown and of LaTeX (booktabs). command: how to make them again.
std::string comparison_markdown(std::span<const Comparison> grid, const std::string& command);
std::string comparison_latex(std::span<const Comparison> grid, const std::string& command);
// One line for each row, all digits, the truth and the floors among them by these names.
std::string comparison_csv(std::span<const Comparison> grid);

}  // namespace otbridge::cli
