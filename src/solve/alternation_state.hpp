// AlternationState: what a run of two networks in turn is resumed from, and its form in a
// checkpoint.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "neural/training_state.hpp"
#include "otbridge/solve/checkpoint.hpp"

namespace otbridge {

// What a half step leaves in the report, beside what its place says. Not a number: there is none.
struct FitRecord {
  double seconds;
  double marginal_error_source, marginal_error_target;
  double loss;
  double value_linear;
  double path_divergence, path_divergence_error, midpoint_variance,
      path_kl;  // after both directions
};

// The round whose larger marginal error is the smallest so far.
struct BestRound {
  Index fit;  // its last one
  Flat<float> forward, backward;
};

struct AlternationState {
  double seconds = 0.0;           // of all runs so far
  std::string truth;              // what path_kl is measured from: DistanceToTruth::from
  std::vector<FitRecord> fits;    // half steps that are done
  Flat<float> forward, backward;  // weights after them; empty: not fitted yet
  std::optional<BestRound> best;  // where a round is complete
  std::optional<Index> draws;     // of the report, and its notes
  std::vector<std::string> notes;
  // Of the half step after them, or of two that are trained together, once they have begun.
  std::vector<TrainingState> training;
};

SolverState pack(const std::string& solver, const AlternationState& state);

// Numbers that every network of the run has to fit.
struct AlternationShape {
  const Mlp<float>& network;  // either one
  Index fits;                 // half steps of a whole run
  const TrainingSettings& training;
};
// Throws InvalidInput for a state of another solver, shape or kernel set.
AlternationState unpack(const std::string& solver, const SolverState& packed,
                        const AlternationShape& shape);

}  // namespace otbridge
