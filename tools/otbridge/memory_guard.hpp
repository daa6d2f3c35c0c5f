// What a command refuses because this machine will not give it (otbridge/core/machine.hpp), by the
// names of its options.
#pragma once

#include <string>

#include "otbridge/core/machine.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge::cli {

inline void check_samples(Index n, Index d) {
  check_memory("--samples " + std::to_string(n) + " in dimension " + std::to_string(d),
               static_cast<double>(n), d);
}

inline void check_threads() {
  otbridge::check_threads("--threads " + std::to_string(current_threads()));
}

}  // namespace otbridge::cli
