// What every run shares: settings as Python has them, its context, and its checkpoint.
#pragma once

#include <atomic>
#include <exception>

#include "binding.hpp"

namespace otbridge::python {

// {"tolerance": 1e-6, "iterations": 10, "layers": [64, 64]}. Throws InvalidInput for other kinds.
SettingAssignments settings_of(const nb::dict& given);

// As the command line does with what it says of a problem.
inline void put_first(const std::vector<std::string>& notes, SolveReport& report) {
  report.notes.insert(report.notes.begin(), notes.begin(), notes.end());
}

// A run that is kept in a file. An exception that ends it (of the callback, of a signal's handler)
// waits until the state is in the file, which takes a step; a second one does not.
class KeptRun final : public Checkpoint {
 public:
  // As CheckpointFile. What it has to tell goes to the logger "otbridge" of Python.
  KeptRun(std::string path, RunConfiguration configuration, double interval)
      : file_(std::move(path), std::move(configuration), interval) {}
  void tell_notes() const;

  std::optional<SolverState> load() override;
  bool due() override { return file_.due(); }
  // Throws what waits, once the state is kept.
  void save(const SolverState& state) override;

  // Whether the exception being handled waits now for the next save: the solver then has to stop.
  bool holds_back();
  bool waiting() const { return waiting_ != nullptr; }
  void throw_what_waits();
  // The run has ended: of one that is not to go on the file is taken away.
  void close(StopReason reason);

 private:
  CheckpointFile file_;
  bool resumes_ = false;  // whether the solver asked for what was kept: else it saves nothing
  std::exception_ptr waiting_;
};

// The context of a run that asks callback(Progress), whose False stops it.
class Watched {
 public:
  // Throws InvalidInput for a limit that is not > 0 seconds. kept: null, or longer alive than this.
  Watched(int threads, std::uint64_t seed, std::optional<double> time_limit, nb::object callback,
          KeptRun* kept = nullptr);
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  // Of one solver, of several in turn: the limit counts from here, and False of the callback stops
  // this one.
  SolveContext& begin();
  // Looks for signals, as SignalPoll does.
  void poll();

 private:
  void tell(const Progress& progress);
  // Stops the solver, or throws the exception being handled on at once.
  void end_or_throw();

  nb::object callback_;
  std::optional<double> time_limit_;
  KeptRun* kept_;
  SignalPoll signals_;
  std::atomic<bool> cancel_{false};
  SolveContext context_;
};

}  // namespace otbridge::python
