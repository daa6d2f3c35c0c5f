// The drift of a network in the plane or on a line, tabulated once for all chains that it moves.
//
// At a time of a chain the network is a smooth function of as many numbers as there are
// coordinates, and many chains ask for it at places that lie close together: its values at some
// thousand nodes serve all of them. By Girsanov's theorem the law of a chain of N steps h_k whose
// drift is off by delta_k is
//   sum_k h_k E|delta_k|^2 / (2 epsilon)
// nats away from that of the network's own: here kMostNats at most, estimated at places drawn from
// where the two laws' moments say that a chain is. A test needs some 100000 chains to see so
// little, and a good fit is a thousand times as far from the bridge.
#pragma once

#include "neural/drift_network.hpp"

namespace otbridge {

inline constexpr double kMostNats = 1e-5;
// Of the lattice of one time; of those of all times together; and of what it takes to make the
// lattice of one time the multiply-adds, so that large networks are not asked for more than chains
// may.
inline constexpr Index kMostNodes = 27000, kMostNodesInAll = 1 << 23, kMostProducts = 1'000'000'000;

// The moments of the design's grid with lattices where these say what the network says; without at
// times when it is too steep for so many nodes, and at the far end, where no chain asks. Products
// are of single precision, as the rounding of mixed precision is no smooth function. None without
// weights or beyond two coordinates. A function of the network alone. O(kMostProducts N) at most,
// mostly O(3000 N network).
DriftMoments tabulated_moments(const DriftNetwork& network);

}  // namespace otbridge
