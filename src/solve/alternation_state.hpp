// AlternationState: what a run of two networks in turn is resumed from, and its form in a
// checkpoint.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "neural/training_state.hpp"
#include "otbridge/solve/checkpoint.hpp"

namespace otbridge {

// What a half step leaves in the trace, beside what its place says.
struct FitRecord {
  double seconds;
  double marginal_error_source, marginal_error_target;  // not a number where there is none
  double loss;
};

struct AlternationState {
  double seconds = 0.0;           // of all runs so far
  std::vector<FitRecord> fits;    // half steps that are done
  Flat<float> forward, backward;  // weights after them; empty: not fitted yet
  std::optional<double> value_linear;
  std::optional<Index> draws;  // of the report, and its notes
  std::vector<std::string> notes;
  std::optional<TrainingState> training;  // of the half step after them, once it has begun
};

SolverState pack(const std::string& solver, const AlternationState& state);

// Numbers that every network of the run has to fit.
struct AlternationShape {
  Index parameters;      // of one network
  Index fits;            // half steps of a whole run
  Index training_steps;  // of each
  double ema;
};
// Throws InvalidInput for a state of another solver, shape or kernel set.
AlternationState unpack(const std::string& solver, const SolverState& packed,
                        const AlternationShape& shape);

}  // namespace otbridge
