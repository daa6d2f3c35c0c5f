// coordinate_medians: a centre of a cloud that outliers do not move.
#pragma once

#include "otbridge/core/points.hpp"

namespace otbridge {

// The median of each coordinate, the upper one where the number of points is even; n >= 1.
// Expected O(n d).
Eigen::RowVectorXd coordinate_medians(ConstPoints points);

}  // namespace otbridge
