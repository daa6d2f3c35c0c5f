// Known answers: problems whose Schroedinger bridge is known exactly, for measuring solvers
// against.
#pragma once

#include <optional>

#include "otbridge/solve/solver.hpp"

namespace otbridge {

// The exact answer where one is known, else empty. Today: two Gaussian laws, by the closed form
// (docs/solvers/gaussian.md), O(d^3); empty too where its figures overflow. The report holds value,
// value_linear and kl of the true plan; the plan outlives the problem. Regularised: the answer is
// that of the problem's own epsilon.
std::optional<Solution> known_answer(const TransportProblem& problem);

}  // namespace otbridge
