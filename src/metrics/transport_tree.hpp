// TransportTree: the spanning tree of the network simplex on a complete bipartite graph.
//
// Nodes 0 .. n-1 are sources, n .. n+m-1 sinks. Every node but the root holds the flow of the arc
// to its parent, which runs upward for a source and downward for a sink. The tree stays strongly
// feasible (Cunningham 1976): an arc without flow points to the root, so degenerate pivots cannot
// cycle.
#pragma once

#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

class TransportTree {
 public:
  // x: n x d, y: m x d; supply and demand are positive and have equal sums up to rounding.
  // The first tree is the north-west corner rule along the given orders of sources and sinks.
  TransportTree(const Points& x, const Points& y, Vector supply, Vector demand,
                const std::vector<Index>& source_order, const std::vector<Index>& sink_order);

  double cost(Index source, Index sink) const {
    return 0.5 * (x_.row(source) - y_.row(sink)).squaredNorm();
  }
  double potential(Index node) const { return potential_[at(node)]; }
  double reduced_cost(Index source, Index sink) const {
    return cost(source, sink) - potential_[at(source)] - potential_[at(n_ + sink)];
  }

  // Brings the arc into the tree. O(length of the cycle + size of the subtree that moves).
  void pivot(Index source, Index sink);

  template <class Visit>  // visit(source, sink, flow) for every tree arc
  void for_each_arc(Visit&& visit) const {
    for (Index v = 0; v < size(); ++v) {
      if (parent_[at(v)] < 0) continue;
      if (v < n_) {
        visit(v, parent_[at(v)] - n_, flow_[at(v)]);
      } else {
        visit(parent_[at(v)], v - n_, flow_[at(v)]);
      }
    }
  }

 private:
  static std::size_t at(Index i) { return static_cast<std::size_t>(i); }
  Index size() const { return n_ + m_; }
  bool is_source(Index v) const { return v < n_; }
  double arc_cost(Index a, Index b) const {
    return is_source(a) ? cost(a, b - n_) : cost(b, a - n_);
  }

  void attach(Index child, Index parent);
  void detach(Index child);
  void refresh(Index top);  // depths and potentials below top, from its parent

  const Points &x_, &y_;
  Index n_, m_;
  std::vector<Index> parent_, depth_, first_child_, next_, previous_, stack_;
  std::vector<double> flow_, potential_;
};

}  // namespace otbridge
