// Sliced W2: the mean over random directions of the exact squared W2 of the projections.
//
// On the line the optimal coupling matches quantiles (Santambrogio 2015, proposition 2.17), so one
// direction costs two projections and two sorts: O((n + m) (d + log(n + m))).
// Source: Bonneel, Rabin, Peyre, Pfister 2015. Distances here are squared, in squared units of x.
#pragma once

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

// Two clouds with weights, of any sizes: quantile functions matched piece by piece.
double sliced_squared_distance(const WeightedPoints& mu, const WeightedPoints& nu, Index directions,
                               const RandomStream& stream);

// As many rows in x as in y, all of one weight: the sorted projections matched in order. The same
// number up to rounding as above, without weights and without an order to keep.
double sliced_squared_distance(ConstPoints x, ConstPoints y, Index directions,
                               const RandomStream& stream);

// The error statistic of simulated chains: how far their ends are from the law they should have.
// Sliced W2 (64 random directions; the exact one in one dimension) between the rows of moved and as
// many fresh draws of the law, divided by the law's standard deviation per coordinate (by fallback
// if the law is a single point). Zero only for infinitely many rows: with n rows of a correct
// sampler it is of the order n^{-1/2}. O(64 n (d + log n)).
double relative_sliced_error(ConstPoints moved, const Measure& law, double fallback,
                             const RandomStream& stream);

}  // namespace otbridge
