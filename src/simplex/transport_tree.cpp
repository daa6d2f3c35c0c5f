#include "simplex/transport_tree.hpp"

#include <limits>

namespace otbridge {

TransportTree::TransportTree(const Points& x, const Points& y, std::span<const Flow> forest,
                             const Vector& f, Ground ground)
    : x_(x),
      y_(y),
      ground_(ground),
      n_(static_cast<Node>(x.rows())),
      root_(static_cast<Node>(x.rows() + y.rows())) {
  const std::size_t count = to_size(root_) + 1;
  parent_.assign(count, -1);
  first_child_.assign(count, -1);
  next_.assign(count, -1);
  previous_.assign(count, -1);
  size_.assign(count, 1);
  stack_.resize(count);
  flow_.assign(count, 0);
  height_.assign(count, 0.0);
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
    if (parent_[to_size(top)] >= 0) continue;
    attach(top, root_);
    height_[to_size(top)] = f[top];
    std::size_t next = order.size();
    for (order.push_back(top); next < order.size(); ++next) {
      const Node v = order[next];
      for (std::size_t k = begin[to_size(v)]; k < begin[to_size(v) + 1]; ++k) {
        const Flow& flow = forest[arcs[k]];
        const Node other = v == flow.source ? n_ + flow.sink : flow.source;
        if (other == parent_[to_size(v)]) continue;
        attach(other, v);
        flow_[to_size(other)] = flow.amount;
        order.push_back(other);
      }
    }
  }
  for (std::size_t k = order.size(); k-- > 0;) {
    size_[to_size(parent_[to_size(order[k])])] += size_[to_size(order[k])];
  }
  refresh();
}

void TransportTree::attach(Node child, Node parent) {
  parent_[to_size(child)] = parent;
  const Node head = first_child_[to_size(parent)];
  next_[to_size(child)] = head;
  previous_[to_size(child)] = -1;
  if (head >= 0) previous_[to_size(head)] = child;
  first_child_[to_size(parent)] = child;
}

void TransportTree::detach(Node child) {
  const Node before = previous_[to_size(child)], after = next_[to_size(child)];
  if (before >= 0) {
    next_[to_size(before)] = after;
  } else {
    first_child_[to_size(parent_[to_size(child)])] = after;
  }
  if (after >= 0) previous_[to_size(after)] = before;
}

void TransportTree::refresh() {
  std::size_t top = 0;
  for (Node v = first_child_[to_size(root_)]; v >= 0; v = next_[to_size(v)]) {
    height_[to_size(v)] -= height_[to_size(root_)];
    stack_[top++] = v;
  }
  height_[to_size(root_)] = 0.0;
  while (top > 0) {
    const Node v = stack_[--top];
    for (Node child = first_child_[to_size(v)]; child >= 0; child = next_[to_size(child)]) {
      const double step = arc_cost(v, child);
      height_[to_size(child)] = height_[to_size(v)] + (is_source(v) ? -step : step);
      stack_[top++] = child;
    }
  }
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
    if (size_[to_size(a)] < size_[to_size(b)]) {
      if (is_source(a) && flow_[to_size(a)] < at_tail) {
        at_tail = flow_[to_size(a)];
        last_at_tail = a;
      }
      a = parent_[to_size(a)];
    } else {
      if (!is_source(b) && flow_[to_size(b)] <= at_head) {
        at_head = flow_[to_size(b)];
        last_at_head = b;
      }
      b = parent_[to_size(b)];
    }
  }
  const Node apex = a;
  const bool on_tail_side = at_tail < at_head;
  const Node leaving = on_tail_side ? last_at_tail : last_at_head;
  const Mass amount = on_tail_side ? at_tail : at_head;

  if (amount > 0) {
    for (Node v = tail; v != apex; v = parent_[to_size(v)])
      flow_[to_size(v)] += is_source(v) ? -amount : amount;
    for (Node v = head; v != apex; v = parent_[to_size(v)])
      flow_[to_size(v)] += is_source(v) ? amount : -amount;
  }

  // The part below the leaving arc hangs from the new one. The smaller part is shifted, that one or
  // the rest: only differences count.
  const Node end = on_tail_side ? tail : head, new_parent = on_tail_side ? head : tail;
  const Node moved = size_[to_size(leaving)];
  for (Node v = new_parent; v != apex; v = parent_[to_size(v)]) size_[to_size(v)] += moved;
  for (Node v = parent_[to_size(leaving)]; v != apex; v = parent_[to_size(v)])
    size_[to_size(v)] -= moved;
  rehang(end, new_parent, leaving, amount);
  const double by = on_tail_side ? saved : -saved;
  if (moved <= root_ / 2) {
    shift(end, by, -1);
  } else {
    shift(root_, -by, end);
  }
}

// Reverses the path from `end` up to `leaving`.
void TransportTree::rehang(Node end, Node new_parent, Node leaving, Mass new_flow) {
  const Node moved = size_[to_size(leaving)];
  Node child = end, cut_off = 0;
  while (true) {
    const Node old_parent = parent_[to_size(child)], old_size = size_[to_size(child)];
    const Mass old_flow = flow_[to_size(child)];
    detach(child);
    attach(child, new_parent);
    flow_[to_size(child)] = new_flow;
    size_[to_size(child)] = moved - cut_off;
    if (child == leaving) return;
    cut_off = old_size;
    new_parent = child;
    new_flow = old_flow;
    child = old_parent;
  }
}

void TransportTree::shift(Node top, double by, Node except) {
  std::size_t count = 0;
  stack_[count++] = top;
  while (count > 0) {
    const Node v = stack_[--count];
    if (v == except) continue;
    height_[to_size(v)] += by;
    for (Node child = first_child_[to_size(v)]; child >= 0; child = next_[to_size(child)])
      stack_[count++] = child;
  }
}

}  // namespace otbridge
