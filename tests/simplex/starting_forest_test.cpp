#include "simplex/starting_forest.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

using namespace otbridge;

namespace {

using Flows = std::vector<TransportTree::Flow>;

// Points 0, 1, ... of a line on either side, with 4 each.
SimplexProblem line(Index n) {
  SimplexProblem problem;
  problem.x = Vector::LinSpaced(n, 0.0, static_cast<double>(n - 1));
  problem.y = problem.x;
  problem.supply.assign(to_size(n), 4);
  problem.demand = problem.supply;
  return problem;
}

Flows forest(const SimplexProblem& problem, Flows flows, const SolveRest& solve_rest) {
  const Vector zero = Vector::Zero(problem.x.rows());
  return starting_forest(problem, {}, zero, zero, std::move(flows), solve_rest);
}

// No arc joins two points of one tree.
void check_forest(const SimplexProblem& problem, const Flows& flows) {
  const auto n = problem.supply.size();
  std::vector<std::size_t> above(n + problem.demand.size());
  for (std::size_t v = 0; v < above.size(); ++v) above[v] = v;
  const auto top = [&](std::size_t v) {
    while (above[v] != v) v = above[v];
    return v;
  };
  for (const TransportTree::Flow& flow : flows) {
    const std::size_t a = top(to_size(flow.source)), b = top(n + to_size(flow.sink));
    CHECK(a != b);
    above[a] = b;
  }
}

void check_ships_all(const SimplexProblem& problem, const Flows& flows) {
  std::vector<Mass> left = problem.supply, open = problem.demand;
  for (const TransportTree::Flow& flow : flows) {
    left[to_size(flow.source)] -= flow.amount;
    open[to_size(flow.sink)] -= flow.amount;
  }
  CHECK(std::ranges::all_of(left, [](Mass mass) { return mass == 0; }));
  CHECK(std::ranges::all_of(open, [](Mass mass) { return mass == 0; }));
}

}  // namespace

TEST_CASE("the small rest of a first transport is solved as a problem of its own") {
  const SimplexProblem problem = line(6);
  // Each to itself, but for 1 of source 1 and 3 of source 4, 2 of sink 2 and 2 of sink 5.
  const Flows flows{{0, 0, 4}, {1, 1, 3}, {2, 2, 2}, {2, 1, 1}, {3, 3, 4},
                    {4, 4, 1}, {5, 4, 3}, {5, 5, 1}, {2, 5, 1}};
  int asked = 0;
  const Flows found = forest(problem, flows, [&](const SimplexProblem& rest) {
    ++asked;
    CHECK(rest.x == (Points(2, 1) << 1.0, 4.0).finished());
    CHECK(rest.y == (Points(2, 1) << 2.0, 5.0).finished());
    CHECK(rest.supply == std::vector<Mass>{1, 3});
    CHECK(rest.demand == std::vector<Mass>{2, 2});
    return Flows{{0, 0, 1}, {1, 0, 1}, {1, 1, 2}};
  });
  CHECK(asked == 1);
  check_ships_all(problem, found);
  check_forest(problem, found);
}

// Without flows from before, cycles are not looked for.
TEST_CASE("what cheap arcs and a rest ship together is a forest") {
  const SimplexProblem problem = line(8);
  std::vector<CostArc> arcs;  // each to itself, but for 1 and 4, which come too late to full sinks
  for (TransportTree::Node i = 0; i < 8; ++i) {
    if (i != 1 && i != 4) arcs.push_back({i, i, 0.0});
  }
  arcs.push_back({1, 0, 1.0});
  arcs.push_back({4, 5, 1.0});
  const Vector zero = Vector::Zero(8);
  int asked = 0;
  const auto found = starting_forest(problem, arcs, zero, zero, {}, [&](const SimplexProblem&) {
    ++asked;
    return Flows{{0, 1, 4}, {1, 0, 4}};
  });
  CHECK(asked == 1);
  check_ships_all(problem, found);
  check_forest(problem, found);
}

TEST_CASE("a rest of most of the points, and none, are left to no one") {
  const auto refuse = [](const SimplexProblem&) -> Flows {
    FAIL("the rest is not small");
    return {};
  };
  const SimplexProblem problem = line(5);
  check_ships_all(problem, forest(problem, {}, refuse));
  Flows most;  // all but a small rest, which nobody solves
  for (TransportTree::Node i = 0; i < 5; ++i) most.push_back({i, i, i == 2 ? 3 : 4});
  check_ships_all(problem, forest(problem, most, {}));
  Flows whole;
  for (TransportTree::Node i = 0; i < 5; ++i) whole.push_back({i, i, 4});
  CHECK(forest(problem, whole, refuse).size() == 5);
}
