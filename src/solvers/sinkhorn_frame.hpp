// SinkhornFrame: the units in which the iteration works (measure/cloud_frame.hpp), and its
// temperature.
#pragma once

#include "measure/cloud_frame.hpp"
#include "otbridge/reference/reference.hpp"
#include "solvers/sinkhorn_operator.hpp"

namespace otbridge {

struct SinkhornFrame : CloudFrame {
  double s2;  // endpoint variance in units of length^2

  DiscreteProblem normalised(const WeightedPoints& source, const std::vector<Index>& rows,
                             const WeightedPoints& target, const std::vector<Index>& columns) const;
};

// Throws InvalidInput if squared distances or epsilon leave the range of double precision.
SinkhornFrame make_frame(const WeightedPoints& source, const WeightedPoints& target,
                         const ReferenceProcess& reference);

}  // namespace otbridge
