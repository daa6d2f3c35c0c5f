#include "memory_guard.hpp"

#include <unistd.h>

#include <string>

#include "otbridge/core/error.hpp"
#include "progress.hpp"

namespace otbridge::cli {

void check_memory(Index n, Index d) {
  // Points, moved points, solver copies and the text of the output: about eight copies at the peak.
  constexpr double kCopies = 8.0;
  // Doubles, since 1e12 points of dimension 1000 overflow the whole numbers. In bytes.
  const double need = kCopies * sizeof(double) * static_cast<double>(n) * static_cast<double>(d);
  const double have =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  if (need > have) {
    throw MemoryLimit("--samples " + std::to_string(n) + " in dimension " + std::to_string(d) +
                      ": needs about " + short_number(need / 1e9) + " GB, this machine has " +
                      short_number(have / 1e9) + " GB");
  }
}

}  // namespace otbridge::cli
