// Problems of the benchmark of exact transport, made from a seed.
#pragma once

#include <string>
#include <utility>

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

// name: "gaussians" (N(0, I) to N(0.5, 0.49 I) in the plane), "modes" (the uniform law on the
// square [-4, 4]^2 to eight Gaussians of spread 0.5 on the circle of radius 4), each of `size`
// points of equal mass; "tails" (Student's t of two degrees of freedom in the plane, `size` points
// to two thirds as many); or one of the kinds of image of DOTmark (Schrieber, Schuhmacher,
// Gottschlich 2017), `size` pixels a side: "noise" (whole numbers 0 to 255 at random), "rough" and
// "smooth" (Gaussian random fields, as sums of random waves), "shapes" (discs, rings and boxes).
// Two draws each. Ends the process for other names.
std::pair<WeightedPoints, WeightedPoints> exact_case(const std::string& name, Index size);

}  // namespace otbridge
