// A toy as a quadrature: weighted nodes and one Gaussian noise around all of them.
//
// Y = P + N(0, variance I), P one of the nodes. Sums over the nodes of functions that are smooth on
// the scale of their spacing are the toy's expectations: for a Gaussian of deviation s, up to
// (spacing / s)^2 / 24 of what it has at an end or an edge of the toy, and exp(-2 pi^2 (s /
// spacing)^2) elsewhere (midpoint rule). The mixtures of Gaussians are what they are.
#pragma once

#include <optional>

#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

struct ToyNodes {
  WeightedPoints points;
  double variance;
  double spacing;  // of neighbours, about; 0 where the nodes are the toy
};

// About so many nodes. None where the toy's options make it a law of its sample.
std::optional<ToyNodes> toy_nodes(const Toy& toy, Index count);

}  // namespace otbridge
