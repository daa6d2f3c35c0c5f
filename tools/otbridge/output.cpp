#include "output.hpp"

#include <algorithm>
#include <iostream>

#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"

namespace otbridge::cli {

void check_outputs(std::initializer_list<std::string> paths) {
  for (const auto& path : paths) {
    if (!path.empty() && path != "-") probe_output(path);
  }
}

void print_text(const std::string& text) {
  // Flushed here, so that a full disk or a closed pipe is noticed while an exit code can say so.
  std::cout << text << std::flush;
  if (!std::cout) throw IoFailure("standard output", "could not be written");
}

// File names may be any bytes, JSON is UTF-8: what is none of it is replaced.
void print_json(const Json& json) {
  print_text(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }, ' ');
  return text;
}

void print_notes(const std::vector<std::string>& notes, bool quiet) {
  if (quiet) return;
  for (const auto& note : notes) std::cerr << "note: " << printable(note) << "\n";
}

}  // namespace otbridge::cli
