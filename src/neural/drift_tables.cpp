#include "neural/drift_tables.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kFewestAlong = 32;  // nodes along a coordinate
constexpr Index kProbes = 512;      // places where a lattice is compared with the network

Index denser(Index along) { return along / 2 * 3; }
Index coarser(Index along) { return std::max(kFewestAlong, along / 3 * 2); }
// By squares of errors of the eighth power of the spacing: then the coarser one may serve too.
const double kMuchBetter = std::pow(1.5, -16.0);

// The same function in single precision throughout.
DriftNetwork in_single_precision(const DriftNetwork& network) {
  auto design = std::make_shared<DriftDesign>(network.design());
  design->network.precision = "single";
  DriftNetwork single(std::move(design), network.direction());
  single.set_weights(network.weights());
  return single;
}

// Makes the lattices of one time, of the network between its input and its output: the drift of a
// slice that fixes nothing else.
class Tabulation {
 public:
  Tabulation(const DriftNetwork& network, const DriftNetwork::Moment& now)
      : network_(network), bare_(now), scale_(now.slice.scale) {
    const Index d = scale_.size();
    auto& slice = bare_.slice;
    slice.slope = slice.offset = slice.shift = RowVector::Zero(d);
    slice.scale = slice.inverse_spread = RowVector::Ones(d);
    probes_ = normal_points(kProbes, d, RandomStream(0))
                  .cwiseMax(-DriftNetwork::kFarthest)
                  .cwiseMin(DriftNetwork::kFarthest);
    outputs_ = network_.at(bare_, probes_);
  }

  std::shared_ptr<const InputLattice> lattice(Index along) const {
    return std::make_shared<const InputLattice>(
        scale_.size(), along, DriftNetwork::kFarthest,
        [&](ConstPoints inputs) { return network_.at(bare_, inputs); });
  }
  // E|delta|^2 of the drift by this lattice.
  double squared_error(std::shared_ptr<const InputLattice> lattice) const {
    auto tabulated = bare_;
    tabulated.lattice = std::move(lattice);
    const Points off = network_.at(tabulated, probes_) - outputs_;
    return (off.array().rowwise() * scale_.array()).square().sum() / static_cast<double>(kProbes);
  }

 private:
  const DriftNetwork& network_;
  DriftNetwork::Moment bare_;
  RowVector scale_;
  Points probes_, outputs_;  // inputs as the network sees them, and what it makes of them
};

}  // namespace

DriftMoments tabulated_moments(const DriftNetwork& network) {
  const StepGrid& grid = network.design().grid;
  const Index d = network.network().outputs(), n = grid.steps();
  if (!network.fitted() || d > InputLattice::kMostInputs) return {};
  DriftMoments all = network_moments(network, grid);
  const LoopScope alone;  // other ranks may ask for theirs at another place of their work
  const DriftNetwork single = in_single_precision(network);
  const double epsilon = network.design().reference.epsilon();
  const Index most_nodes = std::min(
      {kMostNodes, kMostNodesInAll / n, kMostProducts / network.network().parameter_count()});

  // In the order of the chain, whose drift grows steep towards its end. Neighbouring times need
  // lattices alike; where one was too steep, times behind it are left to the network without a try,
  // twice as many after each miss in a row.
  Index along = kFewestAlong, misses = 0, left_out = 0;
  for (Index j = 0; j < n; ++j) {
    if (left_out > 0) {
      --left_out;
      continue;
    }
    const Index k = network.direction() == Direction::forward ? j : n - j;
    // Of both steps that end here: Heun's method asks twice.
    const double step = std::max(k > 0 ? grid.length(k - 1) : 0.0, k < n ? grid.length(k) : 0.0);
    const double most = 2.0 * kMostNats * epsilon / (static_cast<double>(n) * step);
    auto& now = all[to_size(k)];
    const Tabulation tabulation(single, now);
    for (Index tried = along; !now.lattice; tried = denser(tried)) {
      if ((d == 1 ? tried : tried * tried) > most_nodes) break;
      auto lattice = tabulation.lattice(tried);
      const double error = tabulation.squared_error(lattice);
      if (!(error <= most)) continue;
      now.lattice = std::move(lattice);
      along = error < kMuchBetter * most ? coarser(tried) : tried;
    }
    misses = now.lattice ? 0 : 2 * misses + 1;
    left_out = misses;
  }
  return all;
}

}  // namespace otbridge
