#ifdef OTBRIDGE_X86_LOOPS
#include <immintrin.h>

// GCC 12 takes the deliberately undefined operands in its own intrinsics for mistakes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#define OTBRIDGE_NORMAL_LOOPS normal_loops_avx512
#define OTBRIDGE_NORMAL_LOOPS_NAME "avx512"
#define OTBRIDGE_DOUBLES 8
#include "core/normal_loops.inl"
#endif
