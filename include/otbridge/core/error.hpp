// Errors: every failure the library reports, one type per remedy.
//
// A message is one line: the place (file, JSON pointer, row and column), the value, and the rule.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace otbridge {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The data or the specification breaks a rule; the caller must change the input.
class InvalidInput : public Error {
 public:
  using Error::Error;
  InvalidInput(std::string_view where, std::string_view rule)
      : Error(std::string(where) + ": " + std::string(rule)) {}
};

// A file could not be read or written.
class IoFailure : public Error {
 public:
  using Error::Error;
  IoFailure(std::string_view file, std::string_view what)
      : Error(std::string(file) + ": " + std::string(what)) {}
};

// The work would not fit in memory; raised before the allocation where it can be foreseen.
class MemoryLimit : public Error {
 public:
  using Error::Error;
};

}  // namespace otbridge
