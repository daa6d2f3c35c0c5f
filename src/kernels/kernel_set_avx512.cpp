#ifdef OTBRIDGE_X86_KERNELS
#define OTBRIDGE_KERNEL_NAMESPACE avx512
#define OTBRIDGE_KERNELS_AVX512
#include "kernels/kernels.inl"
#endif
