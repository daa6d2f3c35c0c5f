// Cycles of flows are removed, masses stay, costs do not rise.
#include "simplex/flow_forest.hpp"

#include <doctest/doctest.h>

#include <map>
#include <numeric>

#include "otbridge/core/random.hpp"

using namespace otbridge;

TEST_CASE("flows on any arcs become a forest of the same masses and no higher cost") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const RandomStream stream(seed);
    const Index n = 2 + stream.below(40, 0, 0, 0), m = 2 + stream.below(40, 0, 0, 1);
    const double share = stream.uniform(0, 1, 0);
    std::vector<TransportTree::Flow> flows;
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < m; ++j) {
        if (stream.uniform(i, 2, j) < share) {
          flows.push_back({static_cast<TransportTree::Node>(i), static_cast<TransportTree::Node>(j),
                           1 + stream.below(5, i, 3, j)});
        }
      }
    }
    const auto cost = [&](Index i, Index j) { return stream.uniform(i, 4, j); };
    const auto sums = [&](const std::vector<TransportTree::Flow>& all) {
      std::vector<Mass> masses(static_cast<std::size_t>(n + m), 0);
      double total = 0.0;
      for (const auto& [i, j, amount] : all) {
        CHECK(amount > 0);
        masses[static_cast<std::size_t>(i)] += amount;
        masses[static_cast<std::size_t>(n + j)] += amount;
        total += static_cast<double>(amount) * cost(i, j);
      }
      return std::pair(masses, total);
    };
    const auto forest = without_cycles(n, m, flows, cost);
    const auto [before, cost_before] = sums(flows);
    const auto [after, cost_after] = sums(forest);
    CHECK(after == before);
    CHECK(cost_after <= cost_before * (1.0 + 1e-12));

    // No arc joins two nodes that others have joined.
    std::vector<Index> leader(static_cast<std::size_t>(n + m));
    std::iota(leader.begin(), leader.end(), Index{0});
    const auto find = [&](Index v) {
      while (leader[static_cast<std::size_t>(v)] != v) v = leader[static_cast<std::size_t>(v)];
      return v;
    };
    for (const auto& flow : forest) {
      const Index a = find(flow.source), b = find(n + flow.sink);
      CHECK(a != b);
      leader[static_cast<std::size_t>(a)] = b;
    }
  }
}
