// The first transport of the network simplex: whole masses shipped greedily along cheap arcs.
#pragma once

#include <span>

#include "simplex/transport_tree.hpp"
#include "sweep/cost_sweep.hpp"

namespace otbridge {

// Ships along the arcs in ascending order of cost - f - g as much as both ends have left, then what
// remains along the order of the points. Each step exhausts an end, so the flows hold no cycle.
// O(arcs log arcs + n + m).
std::vector<TransportTree::Flow> starting_forest(std::span<const Mass> supply,
                                                 std::span<const Mass> demand,
                                                 std::span<const CostArc> arcs, const Vector& f,
                                                 const Vector& g);

}  // namespace otbridge
