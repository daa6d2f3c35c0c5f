// The entropy of a coupling between that of a permutation and that of independence.
//
// E = 2 H(pi) / (H(a) + H(b)) - 1 = 1 - 2 KL(pi | a b^T) / (H(a) + H(b)), H(p) = -sum p log p: a
// gauge of epsilon without a unit. For uniform clouds of one size it is 0 for a permutation; 1 is
// independence.
#pragma once

#include <optional>
#include <span>

#include "otbridge/core/flow.hpp"
#include "otbridge/core/points.hpp"

namespace otbridge {

// From KL(pi | a b^T) in nats; a, b: weights of sum 1. Within [0, 1]; empty if each side has all
// its mass in one point. O(n + m).
std::optional<double> plan_entropy(double kl, const Vector& a, const Vector& b);

// From the entries of pi above 0, those of n x m; its own marginals stand for a and b. Exactly 0
// where each point has one partner. O(flows + n + m).
std::optional<double> plan_entropy(std::span<const Flow> flows, Index n, Index m);

}  // namespace otbridge
