#include "core/normal_loops.hpp"

namespace otbridge {

const NormalLoops* available_normal_loops(std::size_t index) {
  const NormalLoops* found[3] = {};
  std::size_t count = 0;
#ifdef OTBRIDGE_X86_LOOPS
  // These ask for the operating system too, which must save the wide registers.
  if (__builtin_cpu_supports("avx512f")) found[count++] = &normal_loops_avx512::kLoops;
  if (__builtin_cpu_supports("avx2")) found[count++] = &normal_loops_avx2::kLoops;
#endif
  found[count++] = &normal_loops_baseline::kLoops;
  return index < count ? found[index] : nullptr;
}

}  // namespace otbridge
