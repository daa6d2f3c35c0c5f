#include "simplex/flow_forest.hpp"

#include <algorithm>
#include <limits>

namespace otbridge {
namespace {

using ForestNode = TransportTree::Node;
using TreeFlow = TransportTree::Flow;

// Walks the arcs depth first. An arc to a node of the present path closes a cycle, along which mass
// is moved until an arc is empty; the path ends there.
class CycleCanceller {
 public:
  CycleCanceller(Index n, Index m, std::vector<TreeFlow> flows,
                 const std::function<double(Index, Index)>& cost)
      : n_(static_cast<ForestNode>(n)),
        flows_(std::move(flows)),
        cost_(cost),
        begin_(to_size(n + m) + 1, 0),
        arcs_(2 * flows_.size()),
        place_(to_size(n + m), kNew) {
    for (const TreeFlow& flow : flows_) {
      ++begin_[to_size(flow.source)];
      ++begin_[to_size(n_ + flow.sink)];
    }
    std::size_t total = 0;
    for (std::size_t& entry : begin_) entry = total += entry;
    for (std::size_t k = flows_.size(); k-- > 0;) {
      arcs_[--begin_[to_size(flows_[k].source)]] = k;
      arcs_[--begin_[to_size(n_ + flows_[k].sink)]] = k;
    }
    next_.assign(begin_.begin(), begin_.end() - 1);
  }

  std::vector<TreeFlow> run() {
    for (ForestNode top = 0; top < static_cast<ForestNode>(place_.size()); ++top) {
      if (place_[to_size(top)] == kNew) walk(top);
    }
    std::erase_if(flows_, [](const TreeFlow& flow) { return flow.amount == 0; });
    return std::move(flows_);
  }

 private:
  static constexpr ForestNode kNew = -1, kDone = -2;
  static constexpr std::size_t kNoArc = std::numeric_limits<std::size_t>::max();
  struct Step {
    ForestNode node;
    std::size_t arc;  // by which the path came here
  };

  void walk(ForestNode top) {
    push(top, kNoArc);
    while (!path_.empty()) {
      const auto [v, came_by] = path_.back();
      std::size_t& next = next_[to_size(v)];
      if (next == begin_[to_size(v) + 1]) {
        place_[to_size(v)] = kDone;
        path_.pop_back();
        continue;
      }
      const std::size_t k = arcs_[next];
      const TreeFlow& flow = flows_[k];
      const ForestNode other = v < n_ ? n_ + flow.sink : flow.source;
      const ForestNode place = place_[to_size(other)];
      if (k == came_by || flow.amount == 0 || place == kDone) {
        ++next;
      } else if (place == kNew) {
        ++next;
        push(other, k);
      } else {
        cancel(to_size(place), k);
      }
    }
  }

  void push(ForestNode v, std::size_t arc) {
    place_[to_size(v)] = static_cast<ForestNode>(path_.size());
    path_.push_back({v, arc});
  }

  // The cycle: the path from place `first` to its end, and arc `last` back. Its arcs alternate in
  // whether they gain or lose.
  void cancel(std::size_t first, std::size_t last) {
    double saved = cost(last);
    Mass even = flows_[last].amount, odd = std::numeric_limits<Mass>::max();
    for (std::size_t s = path_.size(), sign = 1; s-- > first + 1; sign ^= 1) {
      const std::size_t k = path_[s].arc;
      saved += sign == 1 ? -cost(k) : cost(k);
      Mass& least = sign == 1 ? odd : even;
      least = std::min(least, flows_[k].amount);
    }
    const Mass moved = saved >= 0.0 ? -even : odd;  // that the last arc gains
    flows_[last].amount += moved;
    std::size_t cut = path_.size();
    for (std::size_t s = path_.size(), sign = 1; s-- > first + 1; sign ^= 1) {
      Mass& amount = flows_[path_[s].arc].amount;
      amount += sign == 1 ? -moved : moved;
      if (amount == 0) cut = s;
    }
    while (path_.size() > cut) {
      const ForestNode v = path_.back().node;
      place_[to_size(v)] = kNew;
      next_[to_size(v)] = begin_[to_size(v)];
      path_.pop_back();
    }
  }

  double cost(std::size_t k) const { return cost_(flows_[k].source, flows_[k].sink); }

  ForestNode n_;
  std::vector<TreeFlow> flows_;
  const std::function<double(Index, Index)>& cost_;
  std::vector<std::size_t> begin_, arcs_, next_;
  std::vector<ForestNode> place_;  // on the path, or kNew, kDone
  std::vector<Step> path_;
};

}  // namespace

std::vector<TreeFlow> without_cycles(Index n, Index m, std::vector<TreeFlow> flows,
                                     const std::function<double(Index, Index)>& cost) {
  return CycleCanceller(n, m, std::move(flows), cost).run();
}

}  // namespace otbridge
