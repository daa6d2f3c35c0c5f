#ifdef OTBRIDGE_X86_KERNELS
#define OTBRIDGE_KERNEL_NAMESPACE avx2
#define OTBRIDGE_KERNELS_AVX2
#include "kernels/kernels.inl"
#endif
