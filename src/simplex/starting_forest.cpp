#include "simplex/starting_forest.hpp"

#include <algorithm>
#include <numeric>

namespace otbridge {

std::vector<TransportTree::Flow> starting_forest(std::span<const Mass> supply,
                                                 std::span<const Mass> demand,
                                                 std::span<const CostArc> arcs, const Vector& f,
                                                 const Vector& g) {
  std::vector<double> reduced(arcs.size());
  std::ranges::transform(arcs, reduced.begin(), [&](const CostArc& arc) {
    return arc.cost - f[arc.source] - g[arc.sink];
  });
  std::vector<std::uint32_t> order(arcs.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](std::uint32_t p, std::uint32_t q) {
    return reduced[p] < reduced[q] || (reduced[p] == reduced[q] && p < q);
  });

  std::vector<Mass> left(supply.begin(), supply.end()), open(demand.begin(), demand.end());
  std::vector<TransportTree::Flow> forest;
  const auto ship = [&](std::size_t i, std::size_t j) {
    const Mass amount = std::min(left[i], open[j]);
    if (amount == 0) return;
    left[i] -= amount;
    open[j] -= amount;
    forest.push_back(
        {static_cast<TransportTree::Node>(i), static_cast<TransportTree::Node>(j), amount});
  };
  for (const std::uint32_t k : order) {
    ship(to_size(arcs[k].source), to_size(arcs[k].sink));
  }
  for (std::size_t i = 0, j = 0; i < left.size() && j < open.size();) {
    ship(i, j);
    if (left[i] == 0) {
      ++i;
    } else {
      ++j;
    }
  }
  return forest;
}

}  // namespace otbridge
