// The settings of the neural room as the solvers that hold them describe them.
//
// Here and not in that room, which lies below and knows no descriptions; not with one solver, since
// solvers do not know each other.
#pragma once

#include "otbridge/neural/settings.hpp"
#include "otbridge/solve/settings.hpp"

namespace otbridge {

std::vector<SettingField> describe(NetworkSettings& settings);
std::vector<SettingField> describe(TrainingSettings& settings);

// A solver's own fields, then those that all settings of two networks in turn have, in the order of
// a reader's questions: the chain, how each fit is made, the network, and what is asked of the
// answer.
template <class Settings>
std::vector<SettingField> with_alternation_fields(std::vector<SettingField> fields, Settings& s) {
  const auto add = [&fields](const std::vector<SettingField>& more) {
    fields.insert(fields.end(), more.begin(), more.end());
  };
  add({
      {"patience",
       "iterations without a better one that end the run; 0: none do",
       &s.patience,
       {.low = 0, .high = 1e6}},
      {"steps", "steps of the discretised chain", &s.steps, {.low = 2, .high = 10000}},
      {"schedule", "lengths of the steps", &s.schedule, {}, {"uniform", "triangular"}},
  });
  add(describe(s.training));
  add(describe(s.network));
  add({
      {"map_samples",
       "simulated paths per row behind a conditional mean",
       &s.map_samples,
       {.low = 1, .high = 1e6}},
      {"tolerance",
       "both marginal errors (relative sliced W2) to call it converged",
       &s.tolerance,
       {.low = 0.0}},
  });
  return fields;
}

}  // namespace otbridge
