// What every batch of points given to a plan or to one of its faces must fulfil.
#pragma once

#include "otbridge/core/points.hpp"

namespace otbridge {

// Throws InvalidInput unless x has `dimension` columns and finite coordinates. O(n d).
void check_batch(ConstPoints x, Index dimension);

}  // namespace otbridge
