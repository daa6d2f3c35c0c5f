// The links of rooted trees kept as arrays.
#pragma once

#include <cstdint>
#include <vector>

#include "otbridge/core/index.hpp"

namespace otbridge {

using TreeNode = std::int32_t;

struct TreeLinks {
  TreeNode parent = -1, first_child = -1, next = -1, previous = -1;  // -1: none
};

// Nodes: vectors of what has TreeLinks as a base.
template <class Node>
void attach(std::vector<Node>& nodes, TreeNode child, TreeNode parent) {
  Node& it = nodes[to_size(child)];
  const TreeNode head = nodes[to_size(parent)].first_child;
  it.parent = parent;
  it.next = head;
  it.previous = -1;
  if (head >= 0) nodes[to_size(head)].previous = child;
  nodes[to_size(parent)].first_child = child;
}

template <class Node>
void detach(std::vector<Node>& nodes, TreeNode child) {
  const TreeLinks& it = nodes[to_size(child)];
  if (it.previous >= 0) {
    nodes[to_size(it.previous)].next = it.next;
  } else {
    nodes[to_size(it.parent)].first_child = it.next;
  }
  if (it.next >= 0) nodes[to_size(it.next)].previous = it.previous;
}

// visit(node) for `top` and what is below it, but for the subtree of `except`, a parent before its
// children. stack: room that may be used again.
template <class Node, class Visit>
void visit_below(const std::vector<Node>& nodes, TreeNode top, TreeNode except,
                 std::vector<TreeNode>& stack, Visit&& visit) {
  stack.assign(1, top);
  while (!stack.empty()) {
    const TreeNode v = stack.back();
    stack.pop_back();
    if (v == except) continue;
    for (TreeNode child = nodes[to_size(v)].first_child; child >= 0;
         child = nodes[to_size(child)].next) {
      stack.push_back(child);
    }
    visit(v);
  }
}

}  // namespace otbridge
