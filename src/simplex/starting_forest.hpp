// The first transport of the network simplex: by an auction, or greedily along cheap arcs.
#pragma once

#include <functional>

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
// both ends have left. The rest, small parts of the masses of scattered points, is a problem of its
// own, which solve_rest solves; where it has more than half of the points, or solve_rest is empty,
// it is shipped along the order of the points, by arcs of any length, whose potentials are wrong
// everywhere. Then cycles are removed. O(arcs log arcs + n + m + lengths of the cycles), and
// solve_rest.
using SolveRest = std::function<std::vector<TransportTree::Flow>(const SimplexProblem& rest)>;
std::vector<TransportTree::Flow> starting_forest(const SimplexProblem& problem,
                                                 std::span<const CostArc> arcs, const Vector& f,
                                                 const Vector& g,
                                                 std::vector<TransportTree::Flow> flows,
                                                 const SolveRest& solve_rest);

}  // namespace otbridge
