// Ctrl-C and SIGTERM end the process at once, with nothing half-written: files appear whole or not
// at all. While a solver runs, or points are moved, the first one says so on stderr and asks it to
// stop at its next safe point instead.
#pragma once

#include <atomic>

namespace otbridge::cli {

void watch_interrupts();
// Of several processes at one job the first decides, and the others end with it. A signal to one of
// those only sets its flag() below, which it asks where it works alone.
void leave_signals_to_first_rank();
int interrupt_exit_code();  // 130 or 143
// Whether a signal has come (to the first rank, if there are several).
bool was_interrupted();
// Once a signal has come: what is left to do may take 1.9 s, then the process ends.
void hurry_if_interrupted();
// Whether it has, and what is left of that time is just enough to write what there is.
bool must_write_now();

// While one lives, a first signal sets flag(), for SolveContext::cancel. What the solver has is
// still moved and written, in haste as above; `patient` waits for it, for a plan that is to be
// kept. A second signal ends the process at once.
class StopOnInterrupt {
 public:
  explicit StopOnInterrupt(bool patient);
  ~StopOnInterrupt();
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;

  const std::atomic<bool>* flag() const;

 private:
  int before_;  // what a signal did: one may live within another
};

}  // namespace otbridge::cli
