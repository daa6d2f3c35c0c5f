#include <cstdlib>
#include <cstring>

#include "kernels/kernel_set.hpp"
#include "kernels/kernel_sets.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge::kernels {

const KernelSet* available_kernel_set(Size index) {
  const KernelSet* found[4] = {};
  Size count = 0;
#ifdef OTBRIDGE_X86_KERNELS
  // These ask for the operating system too, which must save the wide registers. A set is taken only
  // if every extension is there that its file is compiled with, see CMakeLists.txt.
  const bool fma = __builtin_cpu_supports("fma");
  if (fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
    if (__builtin_cpu_supports("avx512bf16")) found[count++] = &avx512_bf16::kernel_set();
    found[count++] = &avx512::kernel_set();
  }
  if (fma && __builtin_cpu_supports("avx2")) found[count++] = &avx2::kernel_set();
#endif
  found[count++] = &baseline::kernel_set();
  return index < count ? found[index] : nullptr;
}

const KernelSet& select_kernel_set() {
  const char* wanted = std::getenv("OTBRIDGE_KERNELS");
  // Read anew at each call: tests change it, and a call costs microseconds beside a solve.
  if (wanted == nullptr || *wanted == '\0') return *available_kernel_set(0);
  std::string names;
  for (Size k = 0; const KernelSet* set = available_kernel_set(k); ++k) {
    if (std::strcmp(set->name, wanted) == 0) return *set;
    names += (k == 0 ? "" : ", ") + std::string(set->name);
  }
  throw InvalidInput("OTBRIDGE_KERNELS = \"" + std::string(wanted) + "\"",
                     "must be a kernel set that this processor has: " + names);
}

}  // namespace otbridge::kernels
