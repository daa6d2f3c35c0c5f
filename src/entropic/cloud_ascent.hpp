// The entropic optimal transport of one weighted cloud to another, with cost |y - a x|^2 / 2.
//
// entropic/dual_ascent.hpp in the units of the caller: points of weight 0 are left out, the others
// scaled and ordered.
#pragma once

#include "entropic/dual_ascent.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/reference/reference.hpp"

namespace otbridge {

// The reference gives the decay a and the temperature s^2. Potentials, of all points, and values of
// the certificate are in cost units, those of starts too; at points of weight 0 potentials are 0
// and not read: the soft c-transform there is that of any other new point
// (entropic/conditional.hpp). Throws InvalidInput if squared distances or epsilon leave the range
// of double precision.
AscentAnswer ascend_clouds(const WeightedPoints& source, const WeightedPoints& target,
                           const ReferenceProcess& reference, const AscentControl& control = {},
                           const DualPair* start = nullptr);

}  // namespace otbridge
