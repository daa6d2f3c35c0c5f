// largest_exponents: about the largest exponent of each row, where a shift is all that is asked
// for.
#pragma once

#include "sweep/tiled_cloud.hpp"

namespace otbridge {

// max_j l_j - |x_i - y_j|^2 over all columns, in single precision, which both clouds must hold; of
// clouds that are not far out. Each row alone: the same in any batch. O(n m d).
Vector largest_exponents(const kernels::KernelSet& set, const TiledCloud& rows,
                         const TiledCloud& columns, const Vector& log2_weights);

}  // namespace otbridge
