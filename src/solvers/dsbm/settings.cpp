#include "otbridge/solvers/dsbm.hpp"
#include "solve/neural_settings.hpp"

namespace otbridge {

std::vector<SettingField> describe(DsbmSettings& s) {
  return with_alternation_fields(
      {
          {"start",
           "coupling of the first iteration",
           &s.start,
           {},
           {"auto", "sinkhorn", "polished", "mixture", "independent", "reference"}},
          {"iterations",
           "IMF iterations, a backward and a forward fit each",
           &s.iterations,
           {.low = 1, .high = 1e6}},
          {"samples",
           "points of either law that starts sinkhorn and polished couple, or mixture is fitted to "
           "at once, where it is not a cloud; 0: of mixture 10000, else 32768 in up to 3 "
           "dimensions, 8192 in more",
           &s.samples,
           {.low = 0, .high = 1e6}},
          {"candidates",
           "pairs among which an end is averaged; 1 is none",
           &s.candidates,
           {.low = 1, .high = 1e6}},
      },
      s);
}

}  // namespace otbridge
