// What the auction sells is within the slack of the best, and never more than there is.
#include "simplex/auction.hpp"

#include <doctest/doctest.h>

#include <numeric>

#include "otbridge/core/random.hpp"

using namespace otbridge;

namespace {

struct Market {
  std::vector<Mass> supply, demand;
  std::vector<CostArc> arcs;
};

// Every pair of two clouds of n and m points; equal masses or masses drawn, of equal sums.
Market market(Index n, Index m, bool equal, std::uint64_t seed) {
  const RandomStream stream(seed);
  const Points x = normal_points(n, 2, stream), y = normal_points(m, 2, stream.fork(1));
  Market it;
  for (Index i = 0; i < n; ++i) it.supply.push_back(equal ? m : 1 + stream.below(1000, i, 1, 0));
  for (Index j = 0; j < m; ++j) it.demand.push_back(equal ? n : 1 + stream.below(1000, j, 2, 0));
  const Mass surplus = std::accumulate(it.supply.begin(), it.supply.end(), Mass{0}) -
                       std::accumulate(it.demand.begin(), it.demand.end(), Mass{0});
  (surplus > 0 ? it.demand : it.supply)[0] += std::abs(surplus);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < m; ++j) {
      it.arcs.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(j),
                         0.5 * (x.row(i) - y.row(j)).squaredNorm()});
    }
  }
  return it;
}

// The mass sold, after checks of amounts, feasibility and slack.
Mass check_sold(const Market& it, const Auction& auction, double slack) {
  std::vector<Mass> left = it.supply, open = it.demand;
  const Duals duals = auction.duals();
  const std::size_t m = it.demand.size();
  for (const CostArc& arc : it.arcs) {
    CHECK(duals.f[arc.source] + duals.g[arc.sink] <= arc.cost + 1e-12);
  }
  Mass sold = 0;
  for (const auto& [i, j, amount] : auction.flows()) {
    CHECK(amount > 0);
    const double cost = it.arcs[static_cast<std::size_t>(i) * m + static_cast<std::size_t>(j)].cost;
    CHECK(cost - duals.f[i] - duals.g[j] <= slack + 1e-12);
    left[static_cast<std::size_t>(i)] -= amount;
    open[static_cast<std::size_t>(j)] -= amount;
    sold += amount;
  }
  for (const Mass mass : left) CHECK(mass >= 0);
  for (const Mass mass : open) CHECK(mass >= 0);
  return sold;
}

}  // namespace

TEST_CASE("everything is sold within the slack, of equal masses and of others") {
  const SimplexControl control;
  Progression progression(control);
  for (const bool equal : {true, false}) {
    for (const auto& [n, m] : {std::pair<Index, Index>{40, 40}, {30, 50}, {50, 30}, {1, 20}}) {
      const Market it = market(n, m, equal, 3);
      const Mass total = std::accumulate(it.supply.begin(), it.supply.end(), Mass{0});
      Auction auction(it.supply, it.demand, it.arcs, Vector::Zero(m), Vector::Constant(m, 1e9), 1);
      for (const double slack : {1.0, 0.1, 0.01}) {
        auction.run(slack, progression);
        CHECK(check_sold(it, auction, slack) == total);
      }
    }
  }
}

TEST_CASE("small parts do not bid, and prices do not fall beyond reach") {
  const SimplexControl control;
  Progression progression(control);
  const Market it = market(40, 40, false, 4);
  const Mass total = std::accumulate(it.supply.begin(), it.supply.end(), Mass{0});
  Auction coarse(it.supply, it.demand, it.arcs, Vector::Zero(40), Vector::Constant(40, 1e9), 50);
  coarse.run(0.1, progression);
  const Mass sold = check_sold(it, coarse, 0.1);
  CHECK(sold < total);
  CHECK(sold > total - 40 * 50);

  Auction shy(it.supply, it.demand, it.arcs, Vector::Zero(40), Vector::Constant(40, 0.05), 1);
  shy.run(0.01, progression);
  CHECK(check_sold(it, shy, 0.01) < total);
  CHECK(shy.duals().g.minCoeff() >= -0.05);
}

TEST_CASE("two sources that both want the one sink that they know end the auction all the same") {
  const SimplexControl control;
  Progression progression(control);
  const std::vector<Mass> supply{1, 1}, demand{1, 1};
  const std::vector<CostArc> arcs{{0, 0, 0.5}, {1, 0, 0.25}};
  Auction auction(supply, demand, arcs, Vector::Zero(2), Vector::Constant(2, 1e300), 1);
  auction.run(0.1, progression);
  CHECK(auction.flows().size() == 1);
}

TEST_CASE("an auction stops when it is told to") {
  const SimplexControl control{.proceed = [](const SimplexProgress&) { return false; }};
  Progression progression(control);
  const Market it = market(40, 40, true, 5);
  Auction auction(it.supply, it.demand, it.arcs, Vector::Zero(40), Vector::Constant(40, 1e9), 1);
  auction.run(0.1, progression);
  CHECK(auction.flows().empty());
}
