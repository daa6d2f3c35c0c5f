// The tree after many pivots: its potentials are those of its arcs, its flows ship the masses.
#include "simplex/transport_tree.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "otbridge/core/random.hpp"

using namespace otbridge;

namespace {

// As along the order of the points: a path, whose pivots move large parts.
std::vector<TransportTree::Flow> staircase(std::vector<Mass> left, std::vector<Mass> open) {
  std::vector<TransportTree::Flow> flows;
  for (std::size_t i = 0, j = 0; i < left.size() && j < open.size();) {
    const Mass amount = std::min(left[i], open[j]);
    flows.push_back(
        {static_cast<TransportTree::Node>(i), static_cast<TransportTree::Node>(j), amount});
    left[i] -= amount;
    open[j] -= amount;
    if (left[i] == 0) {
      ++i;
    } else {
      ++j;
    }
  }
  return flows;
}

}  // namespace

TEST_CASE("potentials and flows stay right over thousands of pivots, whatever parts move") {
  const RandomStream stream(7);
  const Index n = 600, m = 500;
  const Points x = normal_points(n, 2, stream), y = normal_points(m, 2, stream.fork(1));
  std::vector<Mass> supply, demand(static_cast<std::size_t>(m), 6 * 101);
  for (Index i = 0; i < n; ++i) supply.push_back(505);
  for (Index i = 0; i + 1 < n; i += 2) {  // unequal, of the same sum
    const Mass part = stream.below(500, i, 2, 0);
    supply[static_cast<std::size_t>(i)] -= part;
    supply[static_cast<std::size_t>(i + 1)] += part;
  }
  TransportTree tree(x, y, staircase(supply, demand), Vector::Zero(n));
  Index pivots = 0;
  for (Index k = 0; pivots < 6000 && k < 4000000; ++k) {
    const auto i = static_cast<TransportTree::Node>(stream.below(n, k, 3, 0)),
               j = static_cast<TransportTree::Node>(stream.below(m, k, 3, 1));
    const double cost = tree.cost(i, j);
    if (tree.reduced_cost(i, j, cost) >= -1e-9) continue;
    tree.pivot(i, j, cost);
    if (++pivots % 500 != 0) continue;
    std::vector<Mass> shipped(supply.size(), 0), received(demand.size(), 0);
    double worst = 0.0;
    tree.for_each_flow([&](Index source, Index sink, Mass amount) {
      worst = std::max(worst, std::abs(tree.cost(source, sink) - tree.f(source) - tree.g(sink)));
      shipped[static_cast<std::size_t>(source)] += amount;
      received[static_cast<std::size_t>(sink)] += amount;
    });
    CHECK(worst < 1e-11);
    CHECK(shipped == supply);
    CHECK(received == demand);
  }
  CHECK(pivots > 3000);
  // Recomputed from the costs nothing moves, the potentials' common constant apart.
  Vector f(n);
  for (Index i = 0; i < n; ++i) f[i] = tree.f(i);
  tree.refresh();
  double least = 1e300, most = -1e300;
  for (Index i = 0; i < n; ++i) {
    least = std::min(least, f[i] - tree.f(i));
    most = std::max(most, f[i] - tree.f(i));
  }
  CHECK(most - least < 1e-11);
}
