#include "simplex/auction.hpp"

#include <algorithm>
#include <limits>

namespace otbridge {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Index kBidsPerCheck = 4096;
constexpr Index kStepsPerPoint = 100;  // of one run, at most
constexpr double kOnlyArc = 64.0;      // slacks that a source bids that has no other sink

}  // namespace

Auction::Auction(std::span<const Mass> supply, std::span<const Mass> demand,
                 std::span<const CostArc> arcs, const Vector& g, const Vector& reach, Mass smallest)
    : arcs_(arcs),
      begin_(supply.size() + 1, 0),
      left_(supply.begin(), supply.end()),
      open_(demand.begin(), demand.end()),
      g_(g.data(), g.data() + g.size()),
      lowest_(g_),
      smallest_(std::max<Mass>(smallest, 1)),
      first_lot_(demand.size(), -1),
      waits_(supply.size(), 0) {
  for (std::size_t j = 0; j < lowest_.size(); ++j) lowest_[j] -= reach[static_cast<Index>(j)];
  for (const CostArc& arc : arcs_) ++begin_[to_size(arc.source) + 1];
  for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
}

void Auction::run(double slack, Progression& progression) {
  release(slack);
  const Index most = kStepsPerPoint * static_cast<Index>(left_.size() + open_.size());
  steps_ = 0;
  for (std::size_t i = left_.size(); i-- > 0;) wait(static_cast<Node>(i));
  for (Index bidders = 0; !waiting_.empty() && steps_ < most; ++bidders) {
    if (bidders % kBidsPerCheck == 0 && !progression.going_on()) break;
    // The last to wait is the next to bid: it is near, and so are the prices that it looks at.
    const Node i = waiting_.back();
    waiting_.pop_back();
    waits_[to_size(i)] = 0;
    while (left_[to_size(i)] >= smallest_ && bid(i, slack)) {
    }
  }
  for (const Node i : waiting_) waits_[to_size(i)] = 0;
  waiting_.clear();
}

Duals Auction::duals() const {
  Duals duals{Vector(static_cast<Index>(left_.size())), Vector(static_cast<Index>(g_.size()))};
  for (Index i = 0; i < duals.f.size(); ++i) duals.f[i] = least_value(static_cast<Node>(i));
  for (Index j = 0; j < duals.g.size(); ++j) duals.g[j] = g_[to_size(j)];
  return duals;
}

std::vector<TransportTree::Flow> Auction::flows() const {
  std::vector<Mass> amounts(arcs_.size(), 0);
  for (const Node first : first_lot_) {
    for (Node e = first; e >= 0; e = lots_[to_size(e)].next) {
      amounts[to_size(lots_[to_size(e)].arc)] += lots_[to_size(e)].amount;
    }
  }
  std::vector<TransportTree::Flow> flows;
  for (std::size_t k = 0; k < arcs_.size(); ++k) {
    if (amounts[k] > 0) flows.push_back({arcs_[k].source, arcs_[k].sink, amounts[k]});
  }
  return flows;
}

double Auction::least_value(Node source) const {
  double least = kInfinity;
  for (std::size_t k = begin_[to_size(source)]; k < begin_[to_size(source) + 1]; ++k) {
    least = std::min(least, arcs_[k].cost - g_[to_size(arcs_[k].sink)]);
  }
  return least;
}

void Auction::wait(Node source) {
  if (left_[to_size(source)] < smallest_ || waits_[to_size(source)]) return;
  waits_[to_size(source)] = 1;
  waiting_.push_back(source);
}

// Takes back what is further than the slack from the best of its source.
void Auction::release(double slack) {
  const Duals duals = this->duals();
  for (std::size_t j = 0; j < first_lot_.size(); ++j) {
    for (Node* link = &first_lot_[j]; *link >= 0;) {
      Lot& lot = lots_[to_size(*link)];
      const CostArc& arc = arcs_[to_size(lot.arc)];
      lot.level = g_[j];
      if (arc.cost - g_[j] <= duals.f[arc.source] + slack) {
        link = &lot.next;
        continue;
      }
      left_[to_size(arc.source)] += lot.amount;
      open_[j] += lot.amount;
      remove(*link);
    }
  }
}

// Buys from the best sink as much as the bid is worth; false if it would have to go too low.
bool Auction::bid(Node source, double slack) {
  ++steps_;
  double least = kInfinity, second = kInfinity;
  std::size_t best = 0;
  for (std::size_t k = begin_[to_size(source)]; k < begin_[to_size(source) + 1]; ++k) {
    const double value = arcs_[k].cost - g_[to_size(arcs_[k].sink)];
    if (value < least) {
      second = least;
      least = value;
      best = k;
    } else if (value < second) {
      second = value;
    }
  }
  if (second == kInfinity) second = least + kOnlyArc * slack;
  const Node sink = arcs_[best].sink;
  const std::size_t j = to_size(sink);
  const double level = g_[j] - (second - least) - slack;
  if (!(level >= lowest_[j])) return false;

  Mass& left = left_[to_size(source)];
  Mass bought = std::min(left, open_[j]);
  left -= bought;
  open_[j] -= bought;
  // Then what was sold at lower prices, the lowest first.
  while (left > 0 && first_lot_[j] >= 0) {
    Lot& lot = lots_[to_size(first_lot_[j])];
    if (lot.level <= level) break;
    const Node other = arcs_[to_size(lot.arc)].source;
    const Mass part = other == source ? lot.amount : std::min(left, lot.amount);
    bought += part;
    lot.amount -= part;
    if (other != source) {
      left -= part;
      left_[to_size(other)] += part;
      wait(other);
    }
    if (lot.amount == 0) remove(first_lot_[j]);
    ++steps_;
  }
  insert(sink, static_cast<Node>(best), bought, level);
  if (open_[j] == 0) g_[j] = lots_[to_size(first_lot_[j])].level;
  return true;
}

// What the arc holds at a lower level stays there with the new amount.
void Auction::insert(Node sink, Node arc, Mass amount, double level) {
  Node* link = &first_lot_[to_size(sink)];
  for (; *link >= 0 && lots_[to_size(*link)].level > level; ++steps_) {
    link = &lots_[to_size(*link)].next;
  }
  for (Node own = *link; own >= 0; own = lots_[to_size(own)].next, ++steps_) {
    if (lots_[to_size(own)].arc != arc) continue;
    lots_[to_size(own)].amount += amount;
    return;
  }
  const Lot lot{arc, *link, amount, level};
  if (free_.empty()) {
    *link = static_cast<Node>(lots_.size());
    lots_.push_back(lot);  // links may point into what this moves
  } else {
    *link = free_.back();
    free_.pop_back();
    lots_[to_size(*link)] = lot;
  }
}

void Auction::remove(Node& link) {
  free_.push_back(link);
  link = lots_[to_size(link)].next;
}

}  // namespace otbridge
