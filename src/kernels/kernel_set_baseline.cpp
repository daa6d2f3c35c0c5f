#define OTBRIDGE_KERNEL_NAMESPACE baseline
#include "kernels/kernels.inl"
