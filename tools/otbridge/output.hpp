// Where results go: standard output, and files that are checked before anything is computed.
#pragma once

#include <initializer_list>
#include <string>

#include "otbridge/io/json_fwd.hpp"

namespace otbridge::cli {

// Throws IoFailure now if one of the outputs could not be written later; empty and "-" are skipped.
void check_outputs(std::initializer_list<std::string> paths);

// Prints to stdout, or throws IoFailure if stdout cannot take it.
void print_text(const std::string& text);
void print_json(const Json& json);

}  // namespace otbridge::cli
