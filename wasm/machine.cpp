// core/machine.hpp where there is no operating system to ask: a module may have 4 GiB, less what
// the page has of it.

#include "otbridge/core/machine.hpp"

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

void check_bytes(const std::string& what, double bytes) {
  constexpr double kMost = 0x1p31;
  if (bytes > kMost) {
    throw MemoryLimit(what + ": needs about " + plain_number(bytes / 1e9, 3) +
                      " GB, a page has less than 4 GB");
  }
}

}  // namespace otbridge
