// Where results go: standard output, and files that are checked before anything is computed.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "otbridge/io/json_fwd.hpp"

namespace otbridge::cli {

// Throws IoFailure now if one of the outputs could not be written later; empty and "-" are skipped.
void check_outputs(std::initializer_list<std::string> paths);

// Prints to stdout, or throws IoFailure if stdout cannot take it.
void print_text(const std::string& text);
void print_json(const Json& json);
// "note: ..." lines on stderr, each on one line whatever it holds.
void print_notes(const std::vector<std::string>& notes, bool quiet);
// The text without control characters, which would break a line or the terminal.
std::string printable(std::string text);

}  // namespace otbridge::cli
