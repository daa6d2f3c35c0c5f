// Where results go: standard output, and files that are checked before anything is computed.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "options.hpp"
#include "otbridge/io/cloud.hpp"
#include "otbridge/io/json_fwd.hpp"

namespace otbridge::cli {

// Throws IoFailure now if one of the outputs could not be written later; empty and "-" are skipped.
void check_outputs(std::initializer_list<std::string> paths);

// In small letters, with its dot; empty where there is none.
std::string extension_of(const std::string& path);

// Throws UsageError, naming the option, unless the path has this extension (".safetensors"), in any
// case; empty is skipped. text: what is written is text, which standard output takes too.
void check_ending(const std::string& option, const std::string& path, const std::string& ending,
                  bool text = false);

// As above, of -o where it takes a cloud: "-", or a format of clouds by its extension. pictures:
// whether what is written may be one.
void check_cloud_ending(const std::string& path, bool pictures = false);

// Throws UsageError for two outputs, given by their options, that are one file, by whatever names,
// or that both go to standard output, which --json takes. Empty paths and devices are skipped.
using NamedOutputs = std::vector<std::pair<std::string, std::string>>;
void check_distinct(NamedOutputs outputs, const RunOptions& run);

// A picture of which some colours alone were moved, after an interrupt, is not written, with a
// note. Where -o was not given and standard output is a terminal, a line on what it is and the
// first rows; else write_cloud. what: "conditional means", or empty.
void write_result(const Cloud& cloud, const std::string& what, const RunOptions& run);

// Prints to stdout, or throws IoFailure if stdout cannot take it.
void print_text(const std::string& text);
void print_json(const Json& json);
// "note: ..." lines on stderr, each on one line whatever it holds.
void print_notes(const std::vector<std::string>& notes, bool quiet);

}  // namespace otbridge::cli
