// The report page of a table.
#pragma once

#include <string>

#include "options.hpp"
#include "table_text.hpp"

namespace otbridge::cli {

void write_table_page(const std::string& path, const TableReport& report, const RunOptions& run);

}  // namespace otbridge::cli
