// Ctrl-C and SIGTERM: the first asks the running solver to stop at its next safe point, the second
// ends the process at once.
#pragma once

#include <atomic>

namespace otbridge::cli {

void watch_interrupts();
const std::atomic<bool>* interrupt_flag();  // for SolveContext::cancel
int interrupt_exit_code();                  // 130 or 143

}  // namespace otbridge::cli
