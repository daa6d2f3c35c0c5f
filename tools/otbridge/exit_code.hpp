// Exit codes of the command line; docs/cli.md is their contract.
#pragma once

#include <exception>
#include <stdexcept>

#include "otbridge/core/error.hpp"
#include "otbridge/solve/report.hpp"

namespace otbridge::cli {

enum ExitCode {
  kDone = 0,
  kInternalError = 1,
  kUsage = 2,
  kBadInput = 3,
  kNotConverged = 4,
  kIoFailure = 5,
  kMemoryLimit = 6,
  kInterrupted = 130,
  kTerminated = 143,
};

// The command line itself is wrong: an option or its value.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// saved: of a run that is over, whose plan was read.
int exit_code(StopReason reason, bool saved = false);
// Of the exception being handled; prints its one line to stderr.
int report_failure(std::exception_ptr failure);
// From here on an exception that no one can catch ends the process with its code and line too: the
// destructors of nlohmann's JSON and the lookups of CLI11 take memory where nothing may be thrown.
void report_terminations();

}  // namespace otbridge::cli
