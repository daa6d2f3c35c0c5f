#include "output.hpp"

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

void print_json(const Json& json) { print_text(json.dump(2) + "\n"); }

}  // namespace otbridge::cli
