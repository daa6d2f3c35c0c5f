#include "interrupt.hpp"

#include <unistd.h>

#include <csignal>

#include "exit_code.hpp"

namespace otbridge::cli {
namespace {

// The only state of the process: a signal handler can reach nothing else.
// Lock-free atomics, as a handler needs.
std::atomic<bool> stop_asked{false};
std::atomic<int> stop_signal{SIGINT};

int code_of(int signal) { return signal == SIGTERM ? kTerminated : kInterrupted; }

void on_signal(int signal) {
  // The second signal: whoever sends it does not want to wait for a safe point.
  if (stop_asked.exchange(true)) _exit(code_of(signal));
  stop_signal = signal;
}

}  // namespace

void watch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A closed pipe is then a failed write, reported like any other.
  std::signal(SIGPIPE, SIG_IGN);
}

const std::atomic<bool>* interrupt_flag() { return &stop_asked; }

int interrupt_exit_code() { return code_of(stop_signal); }

}  // namespace otbridge::cli
