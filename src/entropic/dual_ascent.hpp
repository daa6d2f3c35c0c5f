// The entropic optimal transport of two clouds, by alternating maximisation of its dual.
//
//   max over f, g of <f, a> + <g, b> - s^2 (sum_ij a_i b_j exp((f_i + g_j - c_ij) / s^2) - 1)
//
// with c = |x - y|^2 / 2, in the log domain and without a cost matrix: falling temperatures on
// growing clouds (entropic/levels.hpp), over-relaxed updates, then Newton steps; where a sweep
// takes long, measured updates that a coarse problem helps (entropic/coarse_correction.hpp). Memory
// O(n + m) but for weights that are kept (sweep/stored_weights.hpp) and pairs where few matter
// (sweep/kept_pairs.hpp); O(n m d) per iteration at most.
// Where the temperature is far above all costs the answer has a closed form
// (entropic/nearly_independent.hpp); where it is so far below them that rounding alone changes the
// weights, the ascent ends at the last temperature that doubles resolve.
// Sources: Cuturi 2013; Schmitzer 2019; Thibault, Chizat, Dossal, Papadakis 2021; Brauer, Clason,
// Lorenz, Wirth 2017.
#pragma once

#include <functional>
#include <optional>

#include "entropic/certificate.hpp"
#include "entropic/precision_policy.hpp"

namespace otbridge {

struct AscentProblem {
  DiscreteProblem clouds;
  double s2;  // the temperature, in units of the cost: > 0
};

struct AscentProgress {
  Index iteration;                    // done so far, all levels
  Index group;                        // points that the level takes as one; 1: the whole clouds
  double s2_ratio;                    // of the level's temperature to the problem's
  bool last_level;                    // the whole clouds at the problem's own temperature
  std::optional<MarginalGap> errors;  // after an iteration; empty where one may begin or go on
  // Estimates of the seconds until the next call, and until an answer if that is the first to be
  // refused; 0 without a clock.
  double to_next, to_answer;
};

struct AscentControl {
  double tolerance = 1e-6;    // both L1 marginal errors at or below it: converged
  Index iterations = 100000;  // limit, all levels; a product with the Hessian counts as one
  double scaling = 0.5;       // factor between temperatures, in (0, 1]; 1: the last level only
  bool overrelaxation = true;
  bool newton = true;
  PrecisionChoice precision = PrecisionChoice::automatic;  // of sums before the last measurement
  // Another start for the whole clouds at the problem's temperature. Asked for once, where the plan
  // lives on few pairs and the ascent from above comes to it with a large error, or with potentials
  // that Newton steps would move far: those of exact transport are near where the temperature is
  // low. The start with the larger dual goes on.
  std::function<std::optional<DualPair>()> other_start = {};
  // Called before and after each iteration and between the products of a Newton step; false stops.
  std::function<bool(const AscentProgress&)> proceed = {};
  // Seconds since some moment. Times sweeps for AscentProgress::to_answer and changes nothing else.
  std::function<double()> clock = {};
  // Asked once stopped: whether to answer with the potentials as they are, which takes no sweep
  // over the whole clouds, and without a certificate.
  std::function<bool()> in_haste = {};
};

enum class AscentOutcome {
  converged,        // measured on the whole clouds: in double, or with what single precision may do
  iteration_limit,  // the limit came first
  rounding_limit,   // double precision came to its end first
  stopped,          // proceed() said so
};

// Of the whole clouds at the problem's temperature, whatever the outcome: one that is not converged
// ends, but in haste, with an exact update of the source, so that its plan has mass 1, the right
// source, and finite figures; in double, or, once stopped, in single precision where that holds
// enough digits.
struct AscentAnswer {
  bool took_other_start = false;
  DualPair potentials;
  bool certified = true;  // false after a stop in haste: neither certificate nor rounding are known
  Certificate certificate;
  double rounding = 0.0;  // estimate of the relative error of the weights that rounding causes
  Index iterations = 0;   // all levels
  AscentOutcome outcome = AscentOutcome::iteration_limit;
};

// Throws InvalidInput unless the start is null or holds n and m potentials.
void check_start(const DualPair* start, Index n, Index m);

// start: potentials on the clouds, of a temperature and clouds not far from these: the ascent
// begins there, at the last level. null: at 0, from the first level on. The result does not depend
// on the number of threads. Throws InvalidInput if the start is of other sizes.
AscentAnswer ascend(const AscentProblem& problem, const AscentControl& control = {},
                    const DualPair* start = nullptr);

}  // namespace otbridge
