// The report page of a command: its option, and the file it goes to (otbridge/page/*.hpp).
#pragma once

#include <optional>
#include <string>

#include "options.hpp"
#include "otbridge/page/origin.hpp"

namespace otbridge::cli {

// --report, of the commands that have it.
void add_report(CLI::App& command, std::string& target);
// Throws UsageError for a path whose extension is not .html; IoFailure for one that could not be
// written. Empty is skipped.
void check_report(const std::string& path);

// for_parts (moving.hpp) for a page, of which nothing is kept after an interrupt; run must outlive
// it.
RowParts parts_shown(const RunOptions& run);
// Whether there is a page: nothing is written after an interrupt.
bool write_page(const std::string& path, const std::optional<std::string>& html);

}  // namespace otbridge::cli
