// The drift of a bridge towards a cloud, from the potential of the cloud alone.
#pragma once

#include <memory>

#include "entropic/tilted_cloud.hpp"
#include "otbridge/core/flow.hpp"
#include "otbridge/core/points.hpp"
#include "otbridge/reference/reference.hpp"

namespace otbridge {

// Forward the cloud is the target with g: -theta x + eps grad log h(t, x), h(t, x) = sum_j b_j
// exp(g_j / s^2) N(y_j; a_{1-t} x, v_{1-t}); backward the source with f and N(x; a_t x_i, v_t).
// t in [0, 1) forward and (0, 1] backward: at the far end the drift onto
// a cloud is unbounded, and InvalidInput is thrown. O(n d^2), and what the means take.
Points cloud_drift(const ReferenceProcess& reference, std::shared_ptr<const TiltedCloud> cloud,
                   double t, ConstPoints x, Direction direction);

}  // namespace otbridge
