// Tables of text: rows of cells, the first row the headings, the first column names.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace otbridge::cli {

using Cells = std::vector<std::vector<std::string>>;

// A number as tables show it: four digits, "-" where there is none.
std::string cell(std::optional<double> value);

// Numbers stand under their heading at the right, names at the left; each column is as wide as its
// longest entry.
std::string aligned(const Cells& cells);
// The same as a table of Markdown.
std::string markdown(const Cells& cells);

}  // namespace otbridge::cli
