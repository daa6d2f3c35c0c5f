// Ranks of one computation (otbridge/core/exchange.hpp) compute by the same vector instructions:
// else the answer would not have the bytes of one process.
#pragma once

namespace otbridge {

// A step of all ranks. Throws InvalidInput where they have several sets of instructions, naming a
// rank and its set; OTBRIDGE_KERNELS chooses one for all. Solvers that compute by them ask.
void check_ranks_alike();

}  // namespace otbridge
