#include "interrupt.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>

#include "exit_code.hpp"

namespace otbridge::cli {
namespace {

// The only state of the process: a signal handler can reach nothing else.
// Lock-free atomics, as a handler needs.
enum class Phase { at_once, patient, hurried };
std::atomic<Phase> phase{Phase::at_once};
std::atomic<bool> stop_asked{false};
std::atomic<int> stop_signal{SIGINT};

int code_of(int signal) { return signal == SIGTERM ? kTerminated : kInterrupted; }

// Below a second, which feels like at once. A bare system call, as a handler needs.
void end_soon() {
  constexpr itimerval kSoon{{0, 0}, {0, 800'000}};
  setitimer(ITIMER_REAL, &kSoon, nullptr);
}

void on_signal(int signal) {
  const Phase now = phase;
  // The second signal: whoever sends it does not want to wait for a safe point.
  if (now == Phase::at_once || stop_asked) _exit(code_of(signal));
  stop_signal = signal;
  stop_asked = true;
  if (now == Phase::hurried) end_soon();
}

void on_alarm(int) { _exit(code_of(stop_signal)); }

void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_interrupts() {
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  handle(SIGALRM, on_alarm);
  // A closed pipe and a file past its limit are then failed writes, reported like any other.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

int interrupt_exit_code() { return code_of(stop_signal); }

void hurry_if_interrupted() {
  if (stop_asked) end_soon();
}

StopOnInterrupt::StopOnInterrupt(bool patient) {
  phase = patient ? Phase::patient : Phase::hurried;
}
StopOnInterrupt::~StopOnInterrupt() { phase = Phase::at_once; }

const std::atomic<bool>* StopOnInterrupt::flag() const { return &stop_asked; }

}  // namespace otbridge::cli
