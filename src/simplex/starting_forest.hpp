// The first transport of the network simplex: by an auction, or greedily along cheap arcs.
#pragma once

#include "simplex/coarsening.hpp"

namespace otbridge {

// Whether the problem is large enough for an auction to pay.
bool worth_an_auction(const SimplexProblem& problem);

// Flows that ship nearly all along the arcs and are nearly optimal there, with their potentials;
// none where the arcs leave a source out. arcs: by source. g: estimated potentials; width: how far
// the reduced costs of the arcs reach.
struct FirstFlows {
  std::vector<TransportTree::Flow> flows;
  Duals duals;
};
FirstFlows auction_flows(const SimplexProblem& problem, std::span<const CostArc> arcs,
                         const Vector& g, const Vector& widths, Progression& progression);

// What the flows leave is shipped along the arcs in ascending order of cost - f - g, as much as
// both ends have left, then along the order of the points; then cycles are removed.
// O(arcs log arcs + n + m + lengths of the cycles).
std::vector<TransportTree::Flow> starting_forest(const SimplexProblem& problem,
                                                 std::span<const CostArc> arcs, const Vector& f,
                                                 const Vector& g,
                                                 std::vector<TransportTree::Flow> flows = {});

}  // namespace otbridge
