// The arrays of this room: batches of rows (sweep/panels.hpp), flat vectors of parameters, one row
// of numbers.
#pragma once

#include "sweep/panels.hpp"

namespace otbridge {

// All parameters of a network, or anything with one entry per parameter: gradient, moments.
template <class Scalar>
using Flat = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
// Entries of flat vectors that a thread takes at a time.
inline constexpr Index kFlatChunk = 4096;
// One state, drift or function value per coordinate: 1 x d.
using RowVector = Eigen::RowVectorXd;

}  // namespace otbridge
