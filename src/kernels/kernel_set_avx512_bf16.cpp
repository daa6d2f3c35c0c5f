// The set "avx512_bf16": that of avx512 with products between hidden layers in mixed precision,
// compiled with -mavx512bf16 beside the options of that one, on x86 only.
#ifdef OTBRIDGE_X86_KERNELS
#define OTBRIDGE_KERNEL_NAMESPACE avx512_bf16
#define OTBRIDGE_KERNELS_AVX512
#include "kernels/mixed.inl"
#endif
