// A forest from any flows.
#pragma once

#include <functional>
#include <span>

#include "simplex/transport_tree.hpp"

namespace otbridge {

// Flows of the same marginals and no higher cost whose arcs have no cycle. flows: each arc once.
// O(arcs + the lengths of the cycles).
std::vector<TransportTree::Flow> without_cycles(Index n, Index m,
                                                std::vector<TransportTree::Flow> flows,
                                                const std::function<double(Index, Index)>& cost);

}  // namespace otbridge
