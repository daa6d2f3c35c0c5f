// Threads that wait for each other soon sleep: on a machine that has other work, threads that spin
// for milliseconds keep those from running that they wait for.
#pragma once

namespace otbridge::cli {

// The runtime of OpenMP reads how to wait when it is loaded, before main. Where the environment
// does not say, sets how long to spin and starts the program again in this process;
// returns if there is nothing to set, or no way to.
void sleep_while_waiting(char** argv);

}  // namespace otbridge::cli
