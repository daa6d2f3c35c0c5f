#include "simplex/transport_tree.hpp"

#include <limits>

namespace otbridge {

TransportTree::TransportTree(const Points& x, const Points& y, std::span<const Flow> forest,
                             const Vector& f, Ground ground)
    : x_(x),
      y_(y),
      ground_(ground),
      n_(static_cast<Node>(x.rows())),
      root_(static_cast<Node>(x.rows() + y.rows())),
      tree_(to_size(root_) + 1),
      heights_(tree_) {
  plant(forest, f);
}

// Each component hangs from its first source. Walks it through the arcs of each node, by node.
void TransportTree::plant(std::span<const Flow> forest, const Vector& f) {
  std::vector<std::size_t> begin(to_size(root_) + 1, 0), arcs(2 * forest.size());
  for (const Flow& flow : forest) {
    ++begin[to_size(flow.source)];
    ++begin[to_size(n_ + flow.sink)];
  }
  std::size_t total = 0;
  for (std::size_t& entry : begin) entry = total += entry;
  for (std::size_t k = forest.size(); k-- > 0;) {
    arcs[--begin[to_size(forest[k].source)]] = k;
    arcs[--begin[to_size(n_ + forest[k].sink)]] = k;
  }

  std::vector<Node> order;
  order.reserve(to_size(root_));
  for (Node top = 0; top < n_; ++top) {
    if (tree_[to_size(top)].parent >= 0) continue;
    attach(tree_, top, root_);
    std::size_t next = order.size();
    for (order.push_back(top); next < order.size(); ++next) {
      const Node v = order[next];
      for (std::size_t k = begin[to_size(v)]; k < begin[to_size(v) + 1]; ++k) {
        const Flow& flow = forest[arcs[k]];
        const Node other = v == flow.source ? n_ + flow.sink : flow.source;
        if (other == tree_[to_size(v)].parent) continue;
        attach(tree_, other, v);
        tree_[to_size(other)].flow = flow.amount;
        order.push_back(other);
      }
    }
  }
  for (std::size_t k = order.size(); k-- > 0;) {
    tree_[to_size(tree_[to_size(order[k])].parent)].size += tree_[to_size(order[k])].size;
  }
  heights_.build([&](Node v, double above) {
    if (v == root_) return 0.0;
    return tree_[to_size(v)].parent == root_ ? f[v] : below(v, above);
  });
}

void TransportTree::refresh() {
  const double of_root = heights_[root_];
  heights_.build([&](Node v, double above) {
    if (v == root_) return 0.0;
    return tree_[to_size(v)].parent == root_ ? heights_[v] - of_root : below(v, above);
  });
}

double TransportTree::below(Node v, double above) const {
  const Node parent = tree_[to_size(v)].parent;
  return is_source(v) ? above + cost(v, parent - n_) : above - cost(parent, v - n_);
}

void TransportTree::pivot(Node source, Node sink, double cost) {
  const Node tail = source, head = n_ + sink;
  const double saved = reduced_cost(source, sink, cost);

  // More flow on the new arc takes flow from the upward arcs of sources on the tail's side and from
  // the downward arcs of sinks on the head's side. Of the arcs that run out first, the last one met
  // on the way apex -> tail -> head -> apex leaves: that keeps the tree strongly feasible.
  constexpr Mass kNone = std::numeric_limits<Mass>::max();
  Mass at_tail = kNone, at_head = kNone;
  Node last_at_tail = -1, last_at_head = -1, a = tail, b = head;
  while (a != b) {
    if (tree_[to_size(a)].size < tree_[to_size(b)].size) {
      if (is_source(a) && tree_[to_size(a)].flow < at_tail) {
        at_tail = tree_[to_size(a)].flow;
        last_at_tail = a;
      }
      a = tree_[to_size(a)].parent;
    } else {
      if (!is_source(b) && tree_[to_size(b)].flow <= at_head) {
        at_head = tree_[to_size(b)].flow;
        last_at_head = b;
      }
      b = tree_[to_size(b)].parent;
    }
  }
  const Node apex = a;
  const bool on_tail_side = at_tail < at_head;
  const Node leaving = on_tail_side ? last_at_tail : last_at_head;
  const Mass amount = on_tail_side ? at_tail : at_head;

  if (amount > 0) {
    for (Node v = tail; v != apex; v = tree_[to_size(v)].parent)
      tree_[to_size(v)].flow += is_source(v) ? -amount : amount;
    for (Node v = head; v != apex; v = tree_[to_size(v)].parent)
      tree_[to_size(v)].flow += is_source(v) ? amount : -amount;
  }

  // The part below the leaving arc hangs from the new one.
  const Node end = on_tail_side ? tail : head, new_parent = on_tail_side ? head : tail;
  const Node moved = tree_[to_size(leaving)].size;
  for (Node v = new_parent; v != apex; v = tree_[to_size(v)].parent)
    tree_[to_size(v)].size += moved;
  for (Node v = tree_[to_size(leaving)].parent; v != apex; v = tree_[to_size(v)].parent)
    tree_[to_size(v)].size -= moved;
  heights_.rehang(end, new_parent, leaving, on_tail_side ? saved : -saved);
  rehang(end, new_parent, leaving, amount);
}

// Reverses the path from `end` up to `leaving`.
void TransportTree::rehang(Node end, Node new_parent, Node leaving, Mass new_flow) {
  const Node moved = tree_[to_size(leaving)].size;
  Node child = end, cut_off = 0;
  while (true) {
    const Node old_parent = tree_[to_size(child)].parent, old_size = tree_[to_size(child)].size;
    const Mass old_flow = tree_[to_size(child)].flow;
    detach(tree_, child);
    attach(tree_, child, new_parent);
    tree_[to_size(child)].flow = new_flow;
    tree_[to_size(child)].size = moved - cut_off;
    if (child == leaving) return;
    cut_off = old_size;
    new_parent = child;
    new_flow = old_flow;
    child = old_parent;
  }
}

}  // namespace otbridge
