// The textbook coupling of two Gaussians in 50 digits: the oracle that no cancellation touches.
#pragma once

#include "otbridge/core/points.hpp"
#include "otbridge/reference/reference.hpp"

namespace otbridge::testing {

// Janati et al. 2020 as printed, C = (S0^{1/2} D S0^{-1/2} - s^2 I) / (2 a), for the source plus
// 1e-30 of its size, which makes a singular one invertible and moves the answer far below 1e-16.
Matrix textbook_cross(const Matrix& s0, const Matrix& s1, const ReferenceProcess& reference);

}  // namespace otbridge::testing
