// A report in words: its numbers and its line, as terminals, pictures and pages show them.
#pragma once

#include <optional>
#include <string>

#include "otbridge/solve/report.hpp"

namespace otbridge {

std::string short_number(double value);  // three significant digits
// Four digits, "-" where there is none: more than the randomness of a score leaves would not mean
// anything.
std::string table_number(std::optional<double> value);
std::string duration_text(double seconds);  // "0.094 s", "0.06 ms", "12.3 s"
// The text without control characters, which would break a line or the terminal.
std::string printable(std::string text);

// The grey line under a title: solver, epsilon where it enters, n, W2 where it is known, error. No
// seconds: the same input draws the same bytes.
std::string subtitle(const SolveReport& report, Index n);

}  // namespace otbridge
