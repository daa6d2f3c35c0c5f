// Tables of text: rows of cells, the first row the headings, the first column names.
#pragma once

#include <string>
#include <vector>

namespace otbridge::cli {

using Cells = std::vector<std::vector<std::string>>;

// Numbers stand under their heading at the right, names at the left; each column is as wide as its
// longest entry.
std::string aligned(const Cells& cells);
// The same within a width: columns that do not fit stand in a table below, after the first `keys`
// columns again.
std::string folded(const Cells& cells, std::size_t keys, std::size_t width);
// The same as a table of Markdown; of LaTeX with the rules of booktabs.
std::string markdown(const Cells& cells);
std::string latex(const Cells& cells);
// Separated by commas, quoted where it must be.
std::string csv(const Cells& cells);

// A line broken at blanks, its continuations indented; a longer word stays whole.
std::string wrapped(const std::string& line, std::size_t width);

}  // namespace otbridge::cli
