#include "otbridge/solvers/dsb.hpp"
#include "solve/neural_settings.hpp"

namespace otbridge {

std::vector<SettingField> describe(DsbSettings& s) {
  return with_alternation_fields(
      {
          {"start",
           "process of the first chain",
           &s.start,
           {},
           {"auto", "reference", "gaussian", "sinkhorn", "mixture"}},
          {"samples",
           "points of either law that start sinkhorn couples, or mixture is fitted to at once, "
           "where it "
           "is not a cloud",
           &s.samples,
           {.low = 1, .high = 1e6}},
          {"iterations",
           "IPF iterations; 1 from the reference is score-based generative modelling",
           &s.iterations,
           {.low = 1, .high = 1e6}},
      },
      s);
}

}  // namespace otbridge
