// Refuses what this machine will not give before hours are spent on it.
#pragma once

#include <string>

#include "otbridge/core/index.hpp"

namespace otbridge::cli {

// Throws MemoryLimit, naming what, if a command about so many points of dimension d would need more
// memory than there is.
void check_memory(const std::string& what, double points, Index d);
// As above, of --samples n.
void check_samples(Index n, Index d);

// Throws MemoryLimit if the threads of the calling thread's loops cannot be started: the runtime of
// OpenMP would end the process with a code of its own.
void check_threads();

}  // namespace otbridge::cli
