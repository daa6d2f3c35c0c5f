// The set "avx2": compiled with -mavx2 -mfma, on x86 only. 256-bit vectors, sixteen of them.
#ifdef OTBRIDGE_X86_KERNELS
#define OTBRIDGE_KERNEL_NAMESPACE avx2
#define OTBRIDGE_KERNELS_AVX2
#include "kernels/kernels.inl"
#endif
