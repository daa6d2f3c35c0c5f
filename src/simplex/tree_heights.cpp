#include "simplex/tree_heights.hpp"

#include <algorithm>
#include <cmath>

namespace otbridge {

void TreeHeights::list_nodes() {
  order_.clear();
  visit_below(tree_, static_cast<Node>(tree_.size()) - 1, -1, stack_,
              [&](Node v) { order_.push_back(v); });
}

// From the leaves: a node that has enough nodes of its own below it is the top of a cluster.
void TreeHeights::cut_into_clusters() {
  // Both a shift of clusters and a split of one cost about the square root of the nodes.
  const double nodes = static_cast<double>(tree_.size());
  const auto enough = static_cast<Node>(std::max(16.0, 0.5 * std::sqrt(nodes)));
  const Node root = order_.front();
  std::vector<Node> own(tree_.size(), 1);
  for (std::size_t k = order_.size(); k-- > 1;) {
    const Node v = order_[k];
    if (own[to_size(v)] < enough) own[to_size(tree_[to_size(v)].parent)] += own[to_size(v)];
  }
  clusters_.clear();
  free_.clear();
  for (const Node v : order_) {
    const bool top = v == root || own[to_size(v)] >= enough;
    const Node above = v == root ? -1 : heights_[to_size(tree_[to_size(v)].parent)].cluster;
    heights_[to_size(v)].cluster = top ? new_cluster(v, 0.0) : above;
    if (top && above >= 0) attach(clusters_, heights_[to_size(v)].cluster, above);
  }
  most_clusters_ = 4 * clusters_.size() + 64;
}

TreeHeights::Node TreeHeights::new_cluster(Node top, double shift) {
  if (free_.empty()) {
    free_.push_back(static_cast<Node>(clusters_.size()));
    clusters_.emplace_back();
  }
  const Node c = free_.back();
  free_.pop_back();
  clusters_[to_size(c)] = {};
  clusters_[to_size(c)].shift = shift;
  clusters_[to_size(c)].top = top;
  return c;
}

void TreeHeights::follow_first_rank() {
  if (exchange_ranks() == 1) return;
  std::vector<double> values(heights_.size());
  for (std::size_t v = 0; v < values.size(); ++v) values[v] = (*this)[static_cast<Node>(v)];
  copy_first_rank(std::span(values));
  if (exchange_rank() == 0) return;  // keeps its clusters
  clusters_.assign(1, Cluster());
  for (std::size_t v = 0; v < values.size(); ++v) heights_[v] = {values[v], 0};
}

void TreeHeights::rehang(Node end, Node new_parent, Node leaving, double by) {
  const auto cluster_of = [&](Node v) { return heights_[to_size(v)].cluster; };
  const Node moved = tree_[to_size(leaving)].size, all = static_cast<Node>(tree_.size());
  if (moved <= 16) return join(leaving, cluster_of(new_parent), by);
  if (clusters_.size() >= most_clusters_ && free_.empty()) {
    for (Height& height : heights_) height.own += clusters_[to_size(height.cluster)].shift;
    list_nodes();
    cut_into_clusters();
  }
  if (clusters_[to_size(cluster_of(leaving))].top != leaving) split(leaving);

  // The path of clusters from that of `end` up to that of `leaving` is reversed.
  Node c = cluster_of(end), parent = cluster_of(new_parent), top = end;
  while (true) {
    const Node old_top = clusters_[to_size(c)].top, above = tree_[to_size(old_top)].parent;
    detach(clusters_, c);
    attach(clusters_, c, parent);
    clusters_[to_size(c)].top = top;
    if (old_top == leaving) break;
    parent = c;
    top = above;
    c = cluster_of(above);
  }

  // The smaller part is shifted: only differences count.
  const auto shift = [&](Node from, double step, Node except) {
    visit_below(clusters_, from, except, stack_,
                [&](Node k) { clusters_[to_size(k)].shift += step; });
  };
  if (moved <= all / 2) {
    shift(cluster_of(end), by, -1);
  } else {
    shift(cluster_of(all - 1), -by, cluster_of(end));
  }
}

// A small subtree becomes part of a cluster outside; clusters inside end.
void TreeHeights::join(Node leaving, Node cluster, double by) {
  const double shift = clusters_[to_size(cluster)].shift;
  visit_below(tree_, leaving, -1, stack_, [&](Node v) {
    Height& height = heights_[to_size(v)];
    const Node old = height.cluster;
    height.own += clusters_[to_size(old)].shift + by - shift;
    height.cluster = cluster;
    if (clusters_[to_size(old)].top != v) return;
    // Those below it end later: its children pass to the cluster above.
    const Node above = clusters_[to_size(old)].parent;
    for (Node child = clusters_[to_size(old)].first_child; child >= 0;) {
      const Node next = clusters_[to_size(child)].next;
      attach(clusters_, child, above);
      child = next;
    }
    detach(clusters_, old);
    free_.push_back(old);
  });
}

// The part of a cluster that is below one of its nodes becomes a cluster.
void TreeHeights::split(Node leaving) {
  const Node old = heights_[to_size(leaving)].cluster;
  const Node made = new_cluster(leaving, clusters_[to_size(old)].shift);
  stack_.assign(1, leaving);
  while (!stack_.empty()) {
    const Node v = stack_.back();
    stack_.pop_back();
    heights_[to_size(v)].cluster = made;
    for (Node child = tree_[to_size(v)].first_child; child >= 0;
         child = tree_[to_size(child)].next) {
      const Node below = heights_[to_size(child)].cluster;
      if (below == old) {
        stack_.push_back(child);
      } else {
        detach(clusters_, below);
        attach(clusters_, below, made);
      }
    }
  }
  attach(clusters_, made, old);
}

}  // namespace otbridge
