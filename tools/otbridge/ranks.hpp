// Several processes at one job, as mpirun starts them. The first reads, writes and speaks; all
// compute (otbridge/core/exchange.hpp).
#pragma once

#include <functional>

namespace otbridge::cli {

// Whether this process was started as one of several, by what the environment says; never where the
// program was built without MPI.
bool started_as_rank();

// What the body returns, or the exit code of what it throws, after its one line on stderr. Of
// ranks, all of which do the body, the first one's on all.
int on_ranks(int argc, char** argv, const std::function<int()>& body);

// Gives a rank its stderr back for its last words, where it cannot tell the others.
void speak_again();

}  // namespace otbridge::cli
