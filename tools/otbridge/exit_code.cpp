#include "exit_code.hpp"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <initializer_list>
#include <new>
#include <string_view>
#include <utility>

#include "interrupt.hpp"
#include "ranks.hpp"

namespace otbridge::cli {
namespace {

// One line whatever the input held: control characters would break the line or the terminal. In
// pieces of fixed size, since the failure may be that there is no memory left.
int fail(std::initializer_list<std::string_view> message, int code) {
  constexpr std::string_view kName = "otbridge: ";
  char line[512];
  std::size_t length = kName.copy(line, kName.size());
  const auto put = [&](char c) {
    if (length == sizeof line) {
      std::fwrite(line, 1, length, stderr);
      length = 0;
    }
    line[length++] = c;
  };
  for (const std::string_view part : message) {
    for (const char c : part) {
      const auto byte = static_cast<unsigned char>(c);
      put(byte < 0x20 || byte == 0x7f ? ' ' : c);
    }
  }
  put('\n');
  std::fwrite(line, 1, length, stderr);
  return code;
}

// Whether the reader of standard output is gone, as that of `otbridge ... | head -1` is.
bool reader_is_gone() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

// As programs end that do not look: without a word, by the signal.
void end_by_closed_pipe() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
}

int fail_as_bug(std::string_view what) {
  return fail({"internal error: ", what, " (please report this)"}, kInternalError);
}

}  // namespace

// Usable answers that did not reach their tolerance are 4, whatever stopped them but a signal to
// this process.
int exit_code(StopReason reason, bool saved) {
  switch (reason) {
    case StopReason::converged:
      return kDone;
    case StopReason::interrupted:
      return saved ? kNotConverged : interrupt_exit_code();
    default:
      return kNotConverged;
  }
}

// Derived types first: InvalidInput and its sisters are std::runtime_error as well.
int report_failure(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const UsageError& error) {
    return fail({error.what()}, kUsage);
  } catch (const InvalidInput& error) {
    return fail({error.what()}, kBadInput);
  } catch (const IoFailure& error) {
    if (reader_is_gone()) end_by_closed_pipe();
    return fail({error.what()}, kIoFailure);
  } catch (const MemoryLimit& error) {
    return fail({error.what()}, kMemoryLimit);
    // Foreseen shortages are MemoryLimit; this is one that was not.
  } catch (const std::bad_alloc&) {
    return fail({"out of memory; try fewer --samples or a smaller input"}, kMemoryLimit);
  } catch (const std::exception& error) {
    return fail_as_bug(error.what());
  } catch (...) {
    return fail_as_bug("an exception without a name");
  }
}

void report_terminations() {
  std::set_terminate([] {
    speak_again();
    // At once, as after a signal: the objects on the way out are in the middle of something.
    const auto failure = std::current_exception();
    _exit(failure ? report_failure(failure) : fail_as_bug("terminated"));
  });
}

}  // namespace otbridge::cli
