// Known answers: problems whose Schroedinger bridge is known exactly, for measuring solvers
// against.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "otbridge/solve/solver.hpp"

namespace otbridge {

// The name of the plan, and of the solver that knows the answer instead of solving.
inline constexpr std::string_view kTruth = "truth";

// The exact answer where one is known, else empty; the plan's name is kTruth.
//
// Known are two Gaussian laws, by the closed form (docs/solvers/gaussian.md), O(d^3), empty where
// its figures overflow; and the problems of known_problem.hpp. The report holds value,
// value_linear and kl of the true plan; what of it, or of the plan, rests on draws is named in a
// note with its standard error. The plan outlives the problem. Regularised: the answer is that of
// the problem's own epsilon. docs/solvers/truth.md says what is exact in which direction.
std::optional<Solution> known_answer(const TransportProblem& problem,
                                     const SolveContext& context = {});

// Whether it is, without finding it: O(1).
bool is_known(const TransportProblem& problem);

// The same as a solver of the registry. It has no settings.
struct TruthSettings {};
std::vector<SettingField> describe(TruthSettings& settings);
// Throws InvalidInput where no answer is known.
Solution solve_truth(const TransportProblem& problem, const TruthSettings& settings = {},
                     const SolveContext& context = {});
std::unique_ptr<const TransportPlan> restore_truth(const TransportProblem& problem,
                                                   const PlanState& state);

}  // namespace otbridge
