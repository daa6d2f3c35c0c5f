// The entropic optimum where the temperature is far above all costs, in closed form.
//
// There the plan is the product a b^T but for k / s^2, k_ij = <x_i - E x, y_j - E y>, and sums of
// exp((f + g - c) / s^2) in doubles know nothing of f, g and c any more: all of them is in the last
// digits of 1. With rho a bound on E |k / s^2|^3, the expansion to second order,
//   f_i = A_i - E_b k_i^2 / (2 s^2) + T / (4 s^2),   T = E k^2 = tr(Cov x Cov y),
// A_i + B_j - k_ij = c_ij, and g the same, has marginal errors O(rho) and the value
// E c - T / (2 s^2) + O(s^2 rho). Expansion of the marginal conditions in 1 / s^2; the bound on the
// gap from the plan a b^T (1 + k / s^2), whose marginals are exactly a and b.
#pragma once

#include <optional>

#include "entropic/certificate.hpp"

namespace otbridge {

struct IndependentAnswer {
  DualPair potentials;
  Certificate certificate;
};

// Empty unless rho is below the rounding of the sums and |k| / s^2 below 0.1 for every pair. Then
// O((n + m) d^2), or O(n m d) where there are fewer points than dimensions.
std::optional<IndependentAnswer> nearly_independent(const DiscreteProblem& problem, double s2);

}  // namespace otbridge
