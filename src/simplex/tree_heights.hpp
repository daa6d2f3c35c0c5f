// TreeHeights: a number for each node of a rooted tree, of which whole subtrees are shifted.
//
// The tree is cut into connected clusters, which are a tree themselves. A height is a number of the
// node and one of its cluster, so that a shift of a large subtree, which is what costs most in a
// pivot of the network simplex, changes one number for each of its clusters. A pivot splits one
// cluster at most; when they have become many they are made anew.
#pragma once

#include <span>

#include "otbridge/core/exchange.hpp"
#include "simplex/tree_links.hpp"

namespace otbridge {

struct TransportNode : TreeLinks {
  TreeNode size = 1;      // of its subtree
  std::int64_t flow = 0;  // of the arc to its parent
};

class TreeHeights {
 public:
  using Node = TreeNode;

  // tree: kept by reference; its last node is the root.
  explicit TreeHeights(const std::vector<TransportNode>& tree)
      : tree_(tree), heights_(tree.size()) {}

  double operator[](Node v) const {
    const Height& height = heights_[to_size(v)];
    return height.own + clusters_[to_size(height.cluster)].shift;
  }

  // All heights anew: of the root, and of each node from its own of before and its parent's new
  // one.
  template <class HeightOf>  // height_of(node, parent's height)
  void build(HeightOf&& height_of) {
    list_nodes();
    for (const Node v : order_) {
      const Node parent = tree_[to_size(v)].parent;
      heights_[to_size(v)].own = height_of(v, parent < 0 ? 0.0 : heights_[to_size(parent)].own);
    }
    cut_into_clusters();
  }

  // The numbers as the first rank has them, which alone has shifted them and goes on to.
  void follow_first_rank();

  // What is below the node `leaving` is about to hang from `new_parent` by its node `end`: before
  // the links of the tree change. Heights there rise by `by`, or those of the rest fall.
  void rehang(Node end, Node new_parent, Node leaving, double by);

 private:
  struct Height {
    double own = 0.0;
    Node cluster = 0;
  };
  struct Cluster : TreeLinks {
    double shift = 0.0;
    Node top = -1;  // its node nearest the root
  };

  void list_nodes();
  void cut_into_clusters();
  void join(Node leaving, Node cluster, double by);
  void split(Node leaving);
  Node new_cluster(Node top, double shift);

  const std::vector<TransportNode>& tree_;
  std::vector<Height> heights_;
  std::vector<Cluster> clusters_;
  std::vector<Node> free_, stack_, order_;  // order_: parents before children
  std::size_t most_clusters_ = 0;
};

}  // namespace otbridge
