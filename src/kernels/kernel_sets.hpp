// The compiled kernel sets; select_kernel_set() is how they are reached.
#pragma once

#include "kernels/kernel_set.hpp"

namespace otbridge::kernels {

namespace baseline {
const KernelSet& kernel_set();
}
namespace avx2 {
const KernelSet& kernel_set();
}
namespace avx512 {
const KernelSet& kernel_set();
}
namespace avx512_bf16 {
const KernelSet& kernel_set();
}

}  // namespace otbridge::kernels
