// The lines of a text header in front of data that may be bytes.
#pragma once

#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/index.hpp"

namespace otbridge {

class HeaderLines {
 public:
  // Both are kept by reference. missing: what is said where the text ends before its header does.
  HeaderLines(const std::string& bytes, const std::string& name, const char* missing,
              std::size_t at = 0)
      : bytes_(bytes), name_(name), missing_(missing), at_(at) {}

  // The next line, of 1 MiB at most: a binary file of another kind has no lines, and all fields
  // are on one.
  std::string next() {
    const auto end = bytes_.find('\n', at_);
    if (end == std::string::npos || end - at_ > (1U << 20)) fail(missing_);
    std::string line = bytes_.substr(at_, end - at_);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    at_ = end + 1;
    ++line_;
    return line;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw InvalidInput(name_ + ":" + std::to_string(line_), what);
  }

  std::size_t at() const { return at_; }  // bytes up to the next line
  Index read() const { return line_; }    // lines

 private:
  const std::string& bytes_;
  const std::string& name_;
  const char* missing_;
  std::size_t at_;
  Index line_ = 0;
};

}  // namespace otbridge
