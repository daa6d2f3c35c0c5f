#include "otbridge/solvers/sinkhorn.hpp"

namespace otbridge {

// Ranges are those of entropic/dual_ascent.hpp, AscentControl, whose fields these become.
std::vector<SettingField> describe(SinkhornSettings& s) {
  return {
      {"tolerance",
       "both L1 marginal errors at or below it: converged",
       &s.tolerance,
       {.low = 0.0, .low_open = true}},
      {"iterations",
       "limit on iterations (an update of f and one of g), over all levels",
       &s.iterations,
       {.low = 1, .high = 1e9}},
      {"scaling",
       "factor between the levels of the epsilon scaling; 1 is none",
       &s.scaling,
       {.low = 0.0, .high = 1.0, .low_open = true}},
      {"overrelaxation", "over-relax by the factor the observed rate suggests", &s.overrelaxation},
      {"newton", "finish with Newton steps where over-relaxation is slow", &s.newton},
      {"precision",
       "of the sweeps; auto ends in double",
       &s.precision,
       {},
       {"auto", "single", "double"}},
      {"start",
       "from high temperatures down, or from exact transport; auto measures which is nearer",
       &s.start,
       {},
       {"auto", "above", "exact"}},
      {"samples",
       "draws that stand for a law that is not a cloud",
       &s.samples,
       {.low = 1, .high = 1e8}},
  };
}

}  // namespace otbridge
