// What every run shares: settings as Python has them, and its context.
#pragma once

#include <atomic>

#include "binding.hpp"

namespace otbridge::python {

// {"tolerance": 1e-6, "iterations": 10, "layers": [64, 64]}. Throws InvalidInput for other kinds.
SettingAssignments settings_of(const nb::dict& given);

// The context of a run that asks callback(Progress), whose False stops it.
class Watched {
 public:
  // Throws InvalidInput for a limit that is not > 0 seconds.
  Watched(int threads, std::uint64_t seed, std::optional<double> time_limit, nb::object callback);
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  // The limit counts from here.
  SolveContext& begin();

 private:
  void tell(const Progress& progress);

  nb::object callback_;
  std::optional<double> time_limit_;
  std::atomic<bool> cancel_{false};
  SolveContext context_;
};

}  // namespace otbridge::python
