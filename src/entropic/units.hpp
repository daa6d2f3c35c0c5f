// EntropicUnits: the units in which the iteration works (measure/cloud_units.hpp), and its
// temperature.
#pragma once

#include "entropic/discrete_problem.hpp"
#include "measure/cloud_units.hpp"
#include "otbridge/reference/reference.hpp"

namespace otbridge {

struct EntropicUnits : CloudUnits {
  double s2;  // endpoint variance in units of length^2

  DiscreteProblem normalised(const WeightedPoints& source, const std::vector<Index>& rows,
                             const WeightedPoints& target, const std::vector<Index>& columns) const;
};

// Throws InvalidInput if squared distances or epsilon leave the range of double precision.
EntropicUnits entropic_units(const WeightedPoints& source, const WeightedPoints& target,
                             const ReferenceProcess& reference);

}  // namespace otbridge
