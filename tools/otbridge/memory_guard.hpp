// Refuses what would not fit in this machine's memory before hours are spent on it.
#pragma once

#include "otbridge/core/index.hpp"

namespace otbridge::cli {

// Throws MemoryLimit if a command about n points of dimension d would need more memory than there
// is.
void check_memory(Index n, Index d);

}  // namespace otbridge::cli
