#include "otbridge/solvers/dsbm.hpp"
#include "solve/neural_settings.hpp"

namespace otbridge {

// In the order of a reader's questions: the couplings, the chain, how each fit is made, the
// network, and what is asked of the answer.
std::vector<SettingField> describe(DsbmSettings& s) {
  std::vector<SettingField> fields = {
      {"start",
       "coupling of the first iteration",
       &s.start,
       {},
       {"sinkhorn", "independent", "reference"}},
      {"iterations",
       "IMF iterations, a backward and a forward fit each",
       &s.iterations,
       {.low = 1, .high = 1e6}},
      {"samples",
       "points of either law that start sinkhorn couples, where it is not a cloud",
       &s.samples,
       {.low = 1, .high = 1e6}},
      {"candidates",
       "pairs among which an end is averaged; 1 is none",
       &s.candidates,
       {.low = 1, .high = 1e6}},
      {"steps", "steps of the discretised chain", &s.steps, {.low = 2, .high = 10000}},
      {"schedule", "lengths of the steps", &s.schedule, {}, {"uniform", "triangular"}},
  };
  const auto add = [&fields](const std::vector<SettingField>& more) {
    fields.insert(fields.end(), more.begin(), more.end());
  };
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
