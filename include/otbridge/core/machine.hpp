// What this machine will not give is refused before hours are spent on it.
#pragma once

#include <string>

#include "otbridge/core/index.hpp"

namespace otbridge {

// Throws MemoryLimit, naming what, if a program about so many points of dimension d would need more
// memory than there is, or than the process may have.
void check_memory(const std::string& what, double points, Index d);

// The same of so many bytes.
void check_bytes(const std::string& what, double bytes);

// Throws MemoryLimit, naming what asked for them, if the threads of the calling thread's loops
// cannot be started: the runtime of OpenMP would end the process. Starts and joins them once.
void check_threads(const std::string& what);

}  // namespace otbridge
