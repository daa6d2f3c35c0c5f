// What a command refuses because this machine will not give it (otbridge/core/machine.hpp), by the
// names of its options.
#pragma once

#include <string>

#include "otbridge/core/machine.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge::cli {

// beside: bytes that something keeps for each point, beside copies of it. name: who asks for them.
inline void check_samples(Index n, Index d, double beside = 0.0,
                          const std::string& name = "--samples") {
  const std::string what = name + " " + std::to_string(n) + " in dimension " + std::to_string(d);
  const auto points = static_cast<double>(n);
  check_memory(what, points, d);
  check_bytes(what, points * (8.0 * static_cast<double>(d) + beside));
}

inline void check_threads() {
  otbridge::check_threads("--threads " + std::to_string(current_threads()));
}

}  // namespace otbridge::cli
