// Nearly optimal flows along candidate arcs, by an auction: where the simplex begins.
//
// Sources bid for the capacity of sinks. A lot is sold at the price at which the next best sink
// would serve its source as well, and `slack` beyond; whom it displaces bids anew. Prices only
// rise, so that in the end every flow is within the slack of the best of its source. Runs of
// decreasing slack begin from each other's prices and keep the flows that still hold.
//
// What would take the most bids is left to the simplex: the last small parts of masses, which
// wander far, and regions whose arcs cannot ship all they have, where prices fall for ever.
// Sources: Bertsekas 1988 (auction), Bertsekas, Castanon 1989 (masses).
#pragma once

#include <span>

#include "simplex/coarsening.hpp"

namespace otbridge {

class Auction {
 public:
  // arcs: by source, at least one of each; kept. g: estimated potentials. A source that would have
  // to take one its `reach` below the estimate waits for the next run. Parts of a mass below
  // `smallest` do not bid.
  Auction(std::span<const Mass> supply, std::span<const Mass> demand, std::span<const CostArc> arcs,
          const Vector& g, const Vector& reach, Mass smallest);

  // Ends early if told to stop, and after a number of steps of the order of 100 (n + m).
  void run(double slack, Progression& progression);

  // Feasible on the arcs.
  Duals duals() const;
  // What was sold: at most one flow per arc, at most the masses.
  std::vector<TransportTree::Flow> flows() const;

 private:
  using Node = TransportTree::Node;
  // A part of the capacity of a sink that was sold at one price.
  struct Lot {
    Node arc, next;  // next: of the same sink, at no higher a level
    Mass amount;
    double level;  // the potential at which it was bought
  };

  double least_value(Node source) const;
  void wait(Node source);
  void release(double slack);
  bool bid(Node source, double slack);
  void insert(Node sink, Node arc, Mass amount, double level);
  void remove(Node& link);  // the lot behind a link

  std::span<const CostArc> arcs_;
  std::vector<std::size_t> begin_;  // of the arcs of each source
  std::vector<Mass> left_, open_;
  std::vector<double> g_, lowest_;
  Mass smallest_;
  std::vector<Node> first_lot_;  // of each sink
  std::vector<Lot> lots_;
  std::vector<Node> waiting_, free_;
  std::vector<char> waits_;
  Index steps_ = 0;  // of this run: bids, and lots looked at
};

}  // namespace otbridge
