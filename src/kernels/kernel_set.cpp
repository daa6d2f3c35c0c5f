#include "kernels/kernel_set.hpp"

#include <cstdlib>
#include <cstring>

namespace otbridge::kernels {

namespace baseline {
extern const KernelSet kSet;
}
#if defined(__x86_64__)
namespace avx2 {
extern const KernelSet kSet;
}
namespace avx512 {
extern const KernelSet kSet;
}
#endif

const KernelSet* find_kernel_set(const char* name) {
#if defined(__x86_64__)
  if (std::strcmp(name, "avx512") == 0) {
    const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
    return has ? &avx512::kSet : nullptr;
  }
  if (std::strcmp(name, "avx2") == 0) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2::kSet : nullptr;
  }
#endif
  return std::strcmp(name, "baseline") == 0 ? &baseline::kSet : nullptr;
}

const KernelSet& kernel_set() {
  if (const char* asked = std::getenv("OTBRIDGE_KERNELS")) {
    if (const KernelSet* set = find_kernel_set(asked)) return *set;
  }
  if (const KernelSet* set = find_kernel_set("avx512")) return *set;
  if (const KernelSet* set = find_kernel_set("avx2")) return *set;
  return baseline::kSet;
}

}  // namespace otbridge::kernels
