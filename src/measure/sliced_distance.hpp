// The error statistic of DSB: how far the end of a chain is from the law it should have.
#pragma once

#include "otbridge/measure/measure.hpp"

namespace otbridge {

// Sliced W2 (64 random directions; the exact one in one dimension) between the rows of moved and as
// many fresh draws of the law, divided by the law's standard deviation per coordinate (by fallback
// if the law is a single point). Zero only for infinitely many rows: with n rows of a correct
// sampler it is of the order n^{-1/2}. O(64 n (d + log n)).
double relative_sliced_error(ConstPoints moved, const Measure& law, double fallback,
                             const RandomStream& stream);

}  // namespace otbridge
