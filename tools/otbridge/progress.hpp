// Progress on a terminal: one line, rewritten, with an estimate of the time left.
#pragma once

#include "otbridge/solve/context.hpp"

namespace otbridge::cli {

class ProgressLine {
 public:
  // Draws only if stderr is a terminal and not quiet; verbose prints one plain line per record
  // instead.
  ProgressLine(bool quiet, bool verbose);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const Progress& progress);
  void clear();
  Observer observer() {
    return [this](const Progress& progress) { show(progress); };
  }

 private:
  bool on_terminal_, verbose_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_ = {};
};

}  // namespace otbridge::cli
