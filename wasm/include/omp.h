// What core/parallel.hpp asks of OpenMP, in a page: one thread, and loops that run in it.
#pragma once

inline int omp_get_max_threads() { return 1; }
inline int omp_get_thread_limit() { return 1; }
inline int omp_in_parallel() { return 0; }
inline void omp_set_num_threads(int) {}
