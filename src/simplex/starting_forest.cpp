#include "simplex/starting_forest.hpp"

#include <algorithm>
#include <numeric>

#include "simplex/auction.hpp"
#include "simplex/flow_forest.hpp"

namespace otbridge {
namespace {

constexpr Index kFewest = 1024;  // points of either side for an auction

// Slacks, and how far a price may fall below the estimate, in widths of the candidates. Where all
// masses are equal nearly all are sold with little slack, far prices and all; others end in small
// parts, which fall for long, and the simplex goes on with them earlier.
struct AuctionPlan {
  double first, last, reach;
};
constexpr AuctionPlan kEqual{1.0, 1e-3, 50.0}, kUnequal{0.2, 0.03, 10.0};
constexpr double kStep = 0.2;
constexpr double kSmallestPart = 0.04;  // of the mean mass of the side with more points

bool equal_masses(std::span<const Mass> masses) {
  return std::ranges::all_of(masses, [&](Mass mass) { return mass == masses[0]; });
}

bool cover_all(std::span<const CostArc> arcs, std::size_t sources) {
  std::size_t seen = 0;
  TransportTree::Node last = -1;
  for (const CostArc& arc : arcs) {
    seen += arc.source != last;
    last = arc.source;
  }
  return seen == sources;
}

std::vector<TransportTree::Node> with_mass(std::span<const Mass> masses) {
  std::vector<TransportTree::Node> nodes;
  for (std::size_t i = 0; i < masses.size(); ++i) {
    if (masses[i] > 0) nodes.push_back(static_cast<TransportTree::Node>(i));
  }
  return nodes;
}

// Of some points, ascending as their spatial order is, with the masses that they have left.
SimplexProblem part_of(const SimplexProblem& problem, const std::vector<TransportTree::Node>& rows,
                       std::span<const Mass> left, const std::vector<TransportTree::Node>& columns,
                       std::span<const Mass> open) {
  SimplexProblem part{
      problem.x(rows, Eigen::all), problem.y(columns, Eigen::all), {}, {}, problem.ground};
  for (const auto i : rows) part.supply.push_back(left[to_size(i)]);
  for (const auto j : columns) part.demand.push_back(open[to_size(j)]);
  return part;
}

}  // namespace

bool worth_an_auction(const SimplexProblem& problem) {
  return std::min(problem.x.rows(), problem.y.rows()) >= kFewest;
}

FirstFlows auction_flows(const SimplexProblem& problem, std::span<const CostArc> arcs,
                         const Vector& g, const Vector& widths, Progression& progression) {
  const std::vector<Mass>&supply = problem.supply, &demand = problem.demand;
  if (!cover_all(arcs, supply.size())) return {};
  const Mass total = std::accumulate(supply.begin(), supply.end(), Mass{0});
  const double mean =
      static_cast<double>(total) / static_cast<double>(std::max(supply.size(), demand.size()));
  const bool equal = supply.size() == demand.size() && equal_masses(supply) && equal_masses(demand);
  const AuctionPlan& plan = equal ? kEqual : kUnequal;
  Auction auction(supply, demand, arcs, g, plan.reach * widths,
                  static_cast<Mass>(kSmallestPart * mean));
  // The median width: most points are no sparser.
  std::vector<double> sorted(widths.begin(), widths.end());
  std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2));
  const double width = sorted[sorted.size() / 2];
  for (double slack = plan.first; slack > plan.last && progression.going(); slack *= kStep) {
    auction.run(slack * width, progression);
  }
  return {auction.flows(), auction.duals()};
}

std::vector<TransportTree::Flow> starting_forest(const SimplexProblem& problem,
                                                 std::span<const CostArc> arcs, const Vector& f,
                                                 const Vector& g,
                                                 std::vector<TransportTree::Flow> flows,
                                                 const SolveRest& solve_rest) {
  std::vector<Mass> left = problem.supply, open = problem.demand;
  for (const auto& flow : flows) {
    left[to_size(flow.source)] -= flow.amount;
    open[to_size(flow.sink)] -= flow.amount;
  }
  // Arcs between ends that both have mass left.
  std::vector<std::pair<double, std::uint32_t>> order;
  for (std::size_t k = 0; k < arcs.size(); ++k) {
    const auto [i, j, cost] = arcs[k];
    if (left[to_size(i)] == 0 || open[to_size(j)] == 0) continue;
    order.emplace_back(cost - f[i] - g[j], static_cast<std::uint32_t>(k));
  }
  std::ranges::sort(order);

  const std::size_t given = flows.size();
  const auto ship = [&](std::size_t i, std::size_t j) {
    const Mass amount = std::min(left[i], open[j]);
    if (amount == 0) return;
    left[i] -= amount;
    open[j] -= amount;
    flows.push_back(
        {static_cast<TransportTree::Node>(i), static_cast<TransportTree::Node>(j), amount});
  };
  for (const auto& [reduced, k] : order) ship(to_size(arcs[k].source), to_size(arcs[k].sink));
  const auto rows = with_mass(left), columns = with_mass(open);
  const bool few = 2 * (rows.size() + columns.size()) <= left.size() + open.size();
  if (few && !rows.empty() && solve_rest) {
    for (const auto& [i, j, amount] : solve_rest(part_of(problem, rows, left, columns, open))) {
      flows.push_back({rows[to_size(i)], columns[to_size(j)], amount});
    }
  } else {
    for (std::size_t i = 0, j = 0; i < left.size() && j < open.size();) {
      ship(i, j);
      if (left[i] == 0) {
        ++i;
      } else {
        ++j;
      }
    }
  }
  // Each step exhausts an end, so that a tree of such flows holds one point of the rest at most:
  // without flows from before there is no cycle.
  if (given == 0) return flows;
  return without_cycles(problem.x.rows(), problem.y.rows(), std::move(flows),
                        [&](Index i, Index j) {
                          return ground_cost(problem.ground, problem.x.row(i), problem.y.row(j));
                        });
}

}  // namespace otbridge
