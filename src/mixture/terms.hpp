// The two costly parts of a step of the fit, by the products of the kernels: the log terms of all
// shapes at the points of a cloud, and sums of outer products.
#pragma once

#include <vector>

#include "measure/mixture_potential.hpp"
#include "mixture/shares.hpp"

namespace otbridge {

// near: of h, the kernel's variance being 1; far: of phi.
enum class BridgeSide { near, far };

// log of each term of h or phi, n x K, about the origin in units of s; the points of the near side
// are carried by the reference. Row i depends on row i alone, up to rounding. O(n K d^2), O(n K d)
// where precisions are diagonal, O(K d^3) for their roots.
Matrix log_terms(const Points& x, const std::vector<PotentialShape>& shapes, BridgeSide side);

// The mean of one of log_terms of the near side over a share of it, but for that of -|x|^2 / 2.
// O(d^3).
double mean_log_term(const PotentialShape& shape, const ShareMoments& near);

// x^T x. O(n d^2). On the calling thread.
Matrix outer_products(const Points& x);

// det Q and tr(1/Q) of a positive Q, from its Cholesky factor.
struct PrecisionSums {
  double log_determinant, inverse_trace;
};
PrecisionSums precision_sums(const Matrix& precision);

}  // namespace otbridge
