// The set "avx512": compiled with -mavx512{f,dq,vl,bw}, on x86 only. 512-bit vectors, 32 of them.
#ifdef OTBRIDGE_X86_KERNELS
#define OTBRIDGE_KERNEL_NAMESPACE avx512
#define OTBRIDGE_KERNELS_AVX512
#include "kernels/kernels.inl"
#endif
