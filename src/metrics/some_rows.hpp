// A part of a cloud, for measurements that would take too long on all of it.
#pragma once

#include "otbridge/measure/weighted_points.hpp"

namespace otbridge {

// At most `limit` rows of positive weight, chosen without replacement.
std::vector<Index> some_rows(const WeightedPoints& cloud, Index limit, const RandomStream& stream);

// The rows with their weights over their sum.
WeightedPoints restricted(const WeightedPoints& cloud, const std::vector<Index>& rows);

}  // namespace otbridge
