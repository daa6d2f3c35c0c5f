// Checkpoints as safetensors files: a run that was stopped or killed goes on in another process.
//
// The header's metadata holds the format version, the configuration of the run and what the solver
// kept beside arrays; the tensors are float64. Layout: docs/formats.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/solve/checkpoint.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge {

// All that decides which bytes a run ends with, by name: program, solver, every setting, seed,
// reference, and both laws by a hash of what they are.
using RunConfiguration = std::map<std::string, std::string>;
// O(bytes of the laws). Throws InvalidInput for a law that has no JSON form.
RunConfiguration run_configuration(const Solver& solver, const SettingAssignments& settings,
                                   const TransportProblem& problem, std::uint64_t seed);

std::string encode_checkpoint(const SolverState& state, const RunConfiguration& configuration);
struct CheckpointContent {
  SolverState state;
  RunConfiguration configuration;
};
// Throws InvalidInput, beginning with the name, for bytes that are damaged or no checkpoint of this
// format.
CheckpointContent parse_checkpoint(const std::string& bytes, const std::string& name);

inline constexpr double kCheckpointSeconds = 30.0;  // that a kill costs at most

// A state in a file, that of the save before it in FILE.previous: whenever the process is killed, a
// whole one is there. Of a symbolic link both are where it leads, and it stays.
class CheckpointFile final : public Checkpoint {
 public:
  // Reads the file, if it is there; where it is missing or damaged, the one before it. Throws
  // InvalidInput if neither can be read though one is there, or if it is of another configuration,
  // naming what differs; neither is then touched. IoFailure if they could not be written later.
  // interval: seconds between saves.
  CheckpointFile(std::string path, RunConfiguration configuration,
                 double interval = kCheckpointSeconds);

  const std::string& path() const { return path_; }
  // What the user should know of the reading, one line each.
  const std::vector<std::string>& notes() const { return notes_; }

  std::optional<SolverState> load() override { return state_; }
  bool due() override;
  // Throws IoFailure; the state before is then still there.
  void save(const SolverState& state) override;
  // Whether a file of this run is there.
  bool kept() const { return kept_; }
  // Takes both files away: the run is done, and what it was for is written.
  void remove();

 private:
  using Clock = std::chrono::steady_clock;

  std::string path_;             // as given
  std::string file_, previous_;  // what it leads to
  RunConfiguration configuration_;
  double interval_;
  std::optional<SolverState> state_;  // as read
  std::vector<std::string> notes_;
  bool whole_ = false;  // whether the file, not the one before it, holds a state of this run
  bool kept_ = false;
  Clock::time_point saved_ = Clock::now();
};

}  // namespace otbridge
