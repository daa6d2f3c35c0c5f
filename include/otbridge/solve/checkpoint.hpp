// Checkpoint: where a solver leaves its state now and then, so that a later run goes on from there.
//
// A run that was stopped or killed and went on ends with the same bytes as one that was not, but
// for the seconds. The library knows no files: io/checkpoint_file.hpp keeps states in one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "otbridge/plan/plan_state.hpp"

namespace otbridge {

// All that a solver carries from one safe point to the next. Names are the solver's own.
struct SolverState {
  PlanState parts;                           // its name, numbers (finite) and arrays (any bits)
  std::map<std::string, std::string> texts;  // UTF-8
  std::vector<std::string> notes;            // of the report so far
};

class Checkpoint {
 public:
  virtual ~Checkpoint() = default;
  // What save() was given last by a run of the same solver, settings, problem and seed, which the
  // implementation answers for; empty: begin at the beginning. Solvers throw InvalidInput for a
  // state that does not fit them.
  virtual std::optional<SolverState> load() = 0;
  // Whether it is time to save. Asked after every small step, so it should cost microseconds.
  virtual bool due() = 0;
  // Called when due, when the run is asked to stop, and when the solver is done, by one thread.
  // What it throws ends the run.
  virtual void save(const SolverState& state) = 0;
};

}  // namespace otbridge
