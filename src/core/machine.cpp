#include "otbridge/core/machine.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

// Bytes: of the machine, or fewer where the process has a limit.
double memory_there_is() {
  const double machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return machine;
  return std::min(machine, static_cast<double>(limit.rlim_cur));
}

}  // namespace

void check_memory(const std::string& what, double points, Index d) {
  // Points, moved points, solver copies and the text of the output: about eight copies at the peak.
  constexpr double kCopies = 8.0;
  // Doubles, since 1e12 points of dimension 1000 overflow the whole numbers.
  check_bytes(what, kCopies * sizeof(double) * points * static_cast<double>(d));
}

void check_bytes(const std::string& what, double bytes) {
  const double have = memory_there_is();
  if (bytes > have) {
    throw MemoryLimit(what + ": needs about " + plain_number(bytes / 1e9, 3) +
                      " GB, this machine has " + plain_number(have / 1e9, 3) + " GB");
  }
}

void check_threads(const std::string& what) {
  std::atomic<bool> done{false};
  // All at the same time, as a parallel loop has them; joined before `done` goes.
  std::vector<std::jthread> started;
  bool refused = false;
  try {
    for (int k = 1; k < current_threads(); ++k) started.emplace_back([&done] { done.wait(false); });
  } catch (const std::system_error&) {
    refused = true;
  }
  done = true;
  done.notify_all();
  if (!refused) return;
  throw MemoryLimit(what + ": the system starts no more than " +
                    std::to_string(started.size() + 1) + " threads");
}

}  // namespace otbridge
