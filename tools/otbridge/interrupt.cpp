#include "interrupt.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <string_view>

#include "exit_code.hpp"
#include "otbridge/core/exchange.hpp"

namespace otbridge::cli {
namespace {

// The only state of the process: a signal handler can reach nothing else.
// Lock-free atomics, as a handler needs.
enum class Phase { at_once, patient, hurried };
std::atomic<Phase> phase{Phase::at_once};
std::atomic<bool> stop_asked{false};
std::atomic<int> stop_signal{SIGINT};

int code_of(int signal) { return signal == SIGTERM ? kTerminated : kInterrupted; }

// Two seconds at most from the signal to the end. A bare system call, as a handler needs.
void end_soon() {
  constexpr itimerval kSoon{{0, 0}, {1, 900'000}};
  setitimer(ITIMER_REAL, &kSoon, nullptr);
}

// A terminal's line of progress is written over.
std::atomic<bool> on_terminal{false};

// A bare system call again; if it fails, there is no one to tell.
void say(std::string_view line) {
  constexpr std::string_view kNewLine = "\r\033[K";
  if (on_terminal && ::write(STDERR_FILENO, kNewLine.data(), kNewLine.size()) < 0) return;
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

void on_signal(int signal) {
  const Phase now = phase;
  // The second signal: whoever sends it does not want to wait for a safe point.
  if (now == Phase::at_once || stop_asked) _exit(code_of(signal));
  stop_signal = signal;
  stop_asked = true;
  say("otbridge: stopping; again to quit without output\n");
  if (now == Phase::hurried) end_soon();
}

void on_signal_of_other_rank(int signal) {
  if (phase == Phase::at_once) return;
  stop_signal = signal;
  stop_asked = true;
}

void on_alarm(int) {
  say("otbridge: stopped; there was no time for an output\n");
  _exit(code_of(stop_signal));
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_interrupts() {
  on_terminal = isatty(STDERR_FILENO) == 1;
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

namespace {

bool must_write() {
  if (!stop_asked) return false;
  constexpr double kToWrite = 0.6;  // seconds: some hundred thousand rows
  itimerval left = {};
  getitimer(ITIMER_REAL, &left);
  const double seconds =
      static_cast<double>(left.it_value.tv_sec) + 1e-6 * static_cast<double>(left.it_value.tv_usec);
  return seconds > 0.0 && seconds < kToWrite;
}

}  // namespace

bool was_interrupted() { return of_first_rank(stop_asked.load()); }

bool must_write_now() { return of_first_rank(must_write()); }

void leave_signals_to_first_rank() {
  for (const int signal : {SIGINT, SIGTERM}) handle(signal, on_signal_of_other_rank);
  handle(SIGALRM, SIG_IGN);
}

StopOnInterrupt::StopOnInterrupt(bool patient)
    : before_(static_cast<int>(phase.exchange(patient ? Phase::patient : Phase::hurried))) {}
StopOnInterrupt::~StopOnInterrupt() { phase = static_cast<Phase>(before_); }

const std::atomic<bool>* StopOnInterrupt::flag() const { return &stop_asked; }

}  // namespace otbridge::cli
