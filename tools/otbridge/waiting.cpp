#include "waiting.hpp"

#include <sys/auxv.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>

namespace otbridge::cli {
namespace {

// Turns of a loop, some ten microseconds: within a few percent of spinning on a quiet machine, and
// nearly as good as sleeping at once on a busy one. LLVM's runtime counts in whole milliseconds, so
// sleeps.
#ifdef __clang__
constexpr const char *kHow = "OMP_WAIT_POLICY", *kValue = "passive";
#else
constexpr const char *kHow = "GOMP_SPINCOUNT", *kValue = "10000";
#endif

}  // namespace

void sleep_while_waiting(char** argv) {
  // Also where threads are bound to processors: this one already is to the first, and the program
  // started again would take that for all there are.
  for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "OMP_PROC_BIND",
                           "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"}) {
    if (std::getenv(name) != nullptr) return;
  }
  // In `ld.so otbridge ...` the program of the process is the loader, with arguments of its own.
  if (getauxval(AT_BASE) == 0) return;
  // Its name, not the link itself: emulators of other processors translate the one only.
  char self[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length <= 0 || setenv(kHow, kValue, 0) != 0) return;
  self[length] = '\0';
  execv(self, argv);
}

}  // namespace otbridge::cli
