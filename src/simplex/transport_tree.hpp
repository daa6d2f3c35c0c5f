// TransportTree: the spanning tree of the network simplex on a complete bipartite graph.
//
// Nodes 0 .. n-1 are sources, n .. n+m-1 sinks, n+m the root, which is neither. Every other node
// holds the flow of the arc to its parent, which runs upward for a source and downward for a sink.
// The children of the root are sources, hung there by arcs that never carry flow: nothing leaves
// the root, so their costs are free, and a tree can begin from any forest and any estimate of the
// dual. The tree stays strongly feasible (Cunningham 1976): an arc without flow points to the root,
// so degenerate pivots cannot cycle. Whole masses: flows are exact.
#pragma once

#include <span>

#include "core/ground_cost.hpp"
#include "otbridge/core/exchange.hpp"
#include "simplex/tree_heights.hpp"
#include "simplex/whole_masses.hpp"

namespace otbridge {

class TransportTree {
 public:
  using Node = TreeNode;
  struct Flow {
    Node source, sink;
    Mass amount;  // positive
  };

  // x: n x d, y: m x d, kept by reference. forest: flows without a cycle that ship every mass,
  // so that each node has one. f: potentials from which the sources below the root begin.
  TransportTree(const Points& x, const Points& y, std::span<const Flow> forest, const Vector& f,
                Ground ground = Ground::half_squared);

  double cost(Index source, Index sink) const {
    return ground_cost(ground_, x_.row(source), y_.row(sink));
  }
  double f(Index source) const { return heights_[static_cast<Node>(source)]; }
  double g(Index sink) const { return -heights_[static_cast<Node>(n_ + sink)]; }
  // What the arc would save per unit of mass, negated: cost - f - g.
  double reduced_cost(Node source, Node sink, double cost) const {
    return cost - heights_[source] + heights_[n_ + sink];
  }

  // Brings the arc into the tree. O(length of the cycle + clusters of the smaller part that moves +
  // size of a cluster).
  void pivot(Node source, Node sink, double cost);

  // Potentials recomputed from the costs, against the drift of many pivots. O((n + m) d).
  void refresh();

  // Flows and potentials as the first rank has them, which alone has pivoted and goes on to.
  void follow_first_rank() {
    copy_first_rank(std::span(tree_));
    heights_.follow_first_rank();
  }

  template <class Visit>  // visit(source, sink, flow) for every arc that carries flow
  void for_each_flow(Visit&& visit) const {
    for (Node v = 0; v < root_; ++v) {
      const Node up = tree_[to_size(v)].parent;
      const Mass flow = tree_[to_size(v)].flow;
      if (flow == 0) continue;
      if (v < n_) {
        visit(Index{v}, Index{up - n_}, flow);
      } else {
        visit(Index{up}, Index{v - n_}, flow);
      }
    }
  }

 private:
  bool is_source(Node v) const { return v < n_; }
  // The height of a node below one of the height `above`.
  double below(Node v, double above) const;

  void plant(std::span<const Flow> forest, const Vector& f);
  void rehang(Node end, Node new_parent, Node leaving, Mass new_flow);

  const Points &x_, &y_;
  Ground ground_;
  Node n_, root_;
  std::vector<TransportNode> tree_;
  TreeHeights heights_;  // f of a source, -g of a sink
};

}  // namespace otbridge
