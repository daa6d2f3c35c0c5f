// The peak resident memory of this process, for the benchmarks.
#pragma once

#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

// In MiB, or empty where the system does not tell.
inline std::optional<double> peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::atof(line.c_str() + 6) / 1024.0;
  }
  return {};
}
