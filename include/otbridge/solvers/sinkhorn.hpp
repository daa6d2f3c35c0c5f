// Sinkhorn: the entropic coupling of two finite clouds, matrix-free in the log domain.
//
// Memory O(n + m), time O(n m d) per iteration at most; in few dimensions tiles that provably do
// not matter are left out, in 7 or more up to 512 MiB of weights are kept, after which an iteration
// is O(n m), and where epsilon is small the few pairs that matter are kept, up to 0.5 GiB. Laws
// that are not clouds are discretised first. Sources: Cuturi 2013; Schmitzer 2019 (log domain,
// epsilon scaling, truncation); Thibault, Chizat, Dossal, Papadakis 2021 (over-relaxation); Brauer,
// Clason, Lorenz, Wirth 2017 and Tang et al. 2024 (Newton steps); Altschuler, Weed, Rigollet 2017
// (rounding to a feasible plan); Pooladian, Niles-Weed 2021 and 2024 (out-of-sample map and bridge
// drift).
#pragma once

#include <span>
#include <vector>

#include "otbridge/solve/solver.hpp"

namespace otbridge {

struct SinkhornSettings {
  double tolerance = 1e-6;    // both L1 marginal errors must be at or below it
  Index iterations = 100000;  // limit on iterations (an update of f and one of g, or a product
                              // with the Hessian), all levels
  double scaling = 0.5;       // factor between the levels of the epsilon scaling, in (0, 1]; 1: off
  // Factor 2 / (1 + sqrt(1 - rate)) from the observed rate, safeguarded by dual ascent.
  bool overrelaxation = true;
  bool newton = true;  // finish with truncated Newton steps where over-relaxation is slow
  std::string precision = "auto";  // auto: single while the error is large, double to finish
  // above: from high temperatures down. exact: from the potentials of exact transport, which are
  // near where epsilon is small. auto: from above, unless measured to be the worse start.
  std::string start = "auto";
  Index samples = 2000;  // draws that stand for a law that is not a cloud
};
std::vector<SettingField> describe(SinkhornSettings& settings);

// Throws InvalidInput for settings out of range, and where squared distances overflow.
Solution solve_sinkhorn(const TransportProblem& problem, const SinkhornSettings& settings = {},
                        const SolveContext& context = {});

// The solutions of many small problems, as solve_sinkhorn would give one by one, with one thread to
// each: for minibatch couplings, where the problems are too small to share out. The observer is
// not called; deadline and cancellation hold for each problem.
std::vector<Solution> solve_sinkhorn_batch(std::span<const TransportProblem> problems,
                                           const SinkhornSettings& settings = {},
                                           const SolveContext& context = {});

// Bit-identical outputs to those of the plan whose state it is.
std::unique_ptr<const TransportPlan> restore_sinkhorn(const TransportProblem& problem,
                                                      const PlanState& state);

}  // namespace otbridge
