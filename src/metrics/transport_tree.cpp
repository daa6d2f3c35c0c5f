#include "metrics/transport_tree.hpp"

#include <algorithm>
#include <limits>

namespace otbridge {

TransportTree::TransportTree(const Points& x, const Points& y, Vector supply, Vector demand,
                             const std::vector<Index>& source_order,
                             const std::vector<Index>& sink_order)
    : x_(x), y_(y), n_(x.rows()), m_(y.rows()) {
  const std::size_t count = at(size());
  parent_.assign(count, -1);
  depth_.assign(count, 0);
  first_child_.assign(count, -1);
  next_.assign(count, -1);
  previous_.assign(count, -1);
  flow_.assign(count, 0.0);
  potential_.assign(count, 0.0);

  // Each step joins the exhausted node, as a child, to the one that goes on. Where both run out at
  // once the sink is closed first: the empty arc that follows leaves the source upward, as it must.
  std::size_t i = 0, j = 0;
  while (true) {
    const Index source = source_order[i], sink = sink_order[j];
    const double moved = std::min(supply[source], demand[sink]);
    supply[source] -= moved;
    demand[sink] -= moved;
    const bool last_source = i + 1 == source_order.size(), last_sink = j + 1 == sink_order.size();
    if (last_source && last_sink) {
      attach(source, n_ + sink);
      flow_[at(source)] = moved;
      refresh(n_ + sink);
      return;
    }
    const bool close_sink = last_source || (!last_sink && demand[sink] <= 0.0);
    if (close_sink) {
      attach(n_ + sink, source);
      flow_[at(n_ + sink)] = moved;
      ++j;
    } else {
      attach(source, n_ + sink);
      flow_[at(source)] = moved;
      ++i;
    }
  }
}

void TransportTree::attach(Index child, Index parent) {
  parent_[at(child)] = parent;
  const Index head = first_child_[at(parent)];
  next_[at(child)] = head;
  previous_[at(child)] = -1;
  if (head >= 0) previous_[at(head)] = child;
  first_child_[at(parent)] = child;
}

void TransportTree::detach(Index child) {
  const Index before = previous_[at(child)], after = next_[at(child)];
  if (before >= 0) {
    next_[at(before)] = after;
  } else {
    first_child_[at(parent_[at(child)])] = after;
  }
  if (after >= 0) previous_[at(after)] = before;
}

// Potentials are recomputed from the costs, not shifted: no drift over millions of pivots.
void TransportTree::refresh(Index top) {
  stack_.assign(1, top);
  while (!stack_.empty()) {
    const Index v = stack_.back(), up = parent_[at(v)];
    stack_.pop_back();
    if (up >= 0) {
      depth_[at(v)] = depth_[at(up)] + 1;
      potential_[at(v)] = arc_cost(v, up) - potential_[at(up)];
    }
    for (Index child = first_child_[at(v)]; child >= 0; child = next_[at(child)])
      stack_.push_back(child);
  }
}

void TransportTree::pivot(Index source, Index sink) {
  const Index tail = source, head = n_ + sink;
  Index a = tail, b = head;
  while (a != b)
    (depth_[at(a)] >= depth_[at(b)] ? a : b) = parent_[at(depth_[at(a)] >= depth_[at(b)] ? a : b)];
  const Index apex = a;

  // More flow on the new arc takes flow from the upward arcs of sources on the tail's side and from
  // the downward arcs of sinks on the head's side. Of the arcs that run out first, the last one met
  // on the way apex -> tail -> head -> apex leaves: that keeps the tree strongly feasible.
  double amount = std::numeric_limits<double>::infinity();
  Index leaving = -1;
  bool on_tail_side = true;
  for (Index v = tail; v != apex; v = parent_[at(v)]) {
    if (is_source(v) && flow_[at(v)] < amount) {
      amount = flow_[at(v)];
      leaving = v;
    }
  }
  for (Index v = head; v != apex; v = parent_[at(v)]) {
    if (!is_source(v) && flow_[at(v)] <= amount) {
      amount = flow_[at(v)];
      leaving = v;
      on_tail_side = false;
    }
  }

  for (Index v = tail; v != apex; v = parent_[at(v)]) {
    flow_[at(v)] = std::max(0.0, flow_[at(v)] + (is_source(v) ? -amount : amount));
  }
  for (Index v = head; v != apex; v = parent_[at(v)]) {
    flow_[at(v)] = std::max(0.0, flow_[at(v)] + (is_source(v) ? amount : -amount));
  }

  // The subtree below the leaving arc hangs from the new one: reverse the path from its end upward.
  const Index end = on_tail_side ? tail : head;
  Index child = end, new_parent = on_tail_side ? head : tail;
  double new_flow = amount;
  while (true) {
    const Index old_parent = parent_[at(child)];
    const double old_flow = flow_[at(child)];
    detach(child);
    attach(child, new_parent);
    flow_[at(child)] = new_flow;
    if (child == leaving) break;
    new_parent = child;
    new_flow = old_flow;
    child = old_parent;
  }
  refresh(end);
}

}  // namespace otbridge
