// The drift of a network in the plane or on a line, tabulated once for all chains that it moves.
//
// At a time of a chain the network is a smooth function of as many numbers as there are
// coordinates, and many chains ask for it at places that lie close together: its values at some
// thousand nodes serve all of them. By Girsanov's theorem the law of a chain of N steps h_k whose
// drift is off by delta_k is
//   sum_k h_k E|delta_k|^2 / (2 epsilon)
// nats away from that of the network's own: here kMostNats at most, by the differences where the
// two laws' moments say that a chain is. So little is seen by no test of fewer chains than some
// 100000, and it is a thousandth of what a good fit is off by.
#pragma once

#include "neural/drift_network.hpp"

namespace otbridge {

inline constexpr double kMostNats = 1e-5;
// Of the lattice of one time, and of those of all times of a chain together.
inline constexpr Index kMostNodes = 27000, kMostNodesInAll = 1 << 23;

// moments() with lattices where these say what the network says; the network itself at times when
// it is too steep for so many nodes, and beyond two coordinates at all times. Products are of
// single precision, as the rounding of mixed precision is no smooth function. A function of the
// network and the grid alone. O(kMostNodesInAll network) at most, of N times mostly O(3000 N
// network).
DriftMoments tabulated_moments(const DriftNetwork& network, const StepGrid& grid);

}  // namespace otbridge
