// Vectors of two numbers: what every processor of 64 bits has registers for.
#ifdef __x86_64__
#include <emmintrin.h>
#endif

#define OTBRIDGE_NORMAL_LOOPS normal_loops_baseline
#define OTBRIDGE_NORMAL_LOOPS_NAME "baseline"
#define OTBRIDGE_DOUBLES 2
#include "core/normal_loops.inl"
