#ifdef OTBRIDGE_X86_KERNELS
#define OTBRIDGE_KERNEL_NAMESPACE avx512
#include "kernels/kernels.inl"
#endif
