#ifdef OTBRIDGE_X86_LOOPS
#include <immintrin.h>

#define OTBRIDGE_NORMAL_LOOPS normal_loops_avx2
#define OTBRIDGE_NORMAL_LOOPS_NAME "avx2"
#define OTBRIDGE_DOUBLES 4
#include "core/normal_loops.inl"
#endif
