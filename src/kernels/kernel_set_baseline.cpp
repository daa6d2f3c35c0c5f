// The set "baseline": compiled for any processor of its kind (SSE2 on x86-64), 128-bit vectors.
#define OTBRIDGE_KERNEL_NAMESPACE baseline
#include "kernels/kernels.inl"
