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

// Makes the lattices of one time.
class Tabulation {
 public:
  Tabulation(const DriftNetwork& network, const DriftNetwork::Moment& now)
      : network_(network),
        now_(now),
        probes_(states_of(normal_points(kProbes, network.network().outputs(), RandomStream(0))
                              .cwiseMax(-DriftNetwork::kFarthest)
                              .cwiseMin(DriftNetwork::kFarthest))),
        drifts_(network.at(now, probes_)) {}

  DriftNetwork::Moment tabulated(Index along) const {
    const auto outputs_at = [&](ConstPoints inputs) {
      const Points x = states_of(inputs);
      Points outputs = network_.at(now_, x);
      for (Index i = 0; i < x.rows(); ++i) {
        outputs.row(i) = now_.slice.output_for(x.row(i), outputs.row(i));
      }
      return outputs;
    };
    DriftNetwork::Moment moment = now_;
    moment.lattice = std::make_shared<const InputLattice>(probes_.cols(), along,
                                                          DriftNetwork::kFarthest, outputs_at);
    return moment;
  }
  // E|delta|^2 of the drift by such a moment.
  double squared_error(const DriftNetwork::Moment& tabulated) const {
    return (network_.at(tabulated, probes_) - drifts_).squaredNorm() / static_cast<double>(kProbes);
  }

 private:
  // Where a state is that the network sees as `inputs`.
  Points states_of(ConstPoints inputs) const {
    Points x(inputs.rows(), inputs.cols());
    for (Index i = 0; i < x.rows(); ++i) {
      x.row(i) = now_.slice.shift + inputs.row(i).cwiseQuotient(now_.slice.inverse_spread);
    }
    return x;
  }

  const DriftNetwork& network_;
  const DriftNetwork::Moment& now_;
  Points probes_, drifts_;
};

}  // namespace

DriftMoments tabulated_moments(const DriftNetwork& network, const StepGrid& grid) {
  DriftMoments all = moments(network, grid);
  const Index d = network.network().outputs(), n = grid.steps();
  if (!network.fitted() || d > InputLattice::kMostInputs) return all;
  const LoopScope
      alone;  // what a plan holds is not of the ranks that happen to ask for it together
  const DriftNetwork single = in_single_precision(network);
  const double epsilon = network.design().reference.epsilon();
  const auto count = [&](Index along) { return d == 1 ? along : along * along; };
  const Index most_nodes = std::min(kMostNodes, kMostNodesInAll / (n + 1));

  // Neighbouring times need lattices alike. Where one was too steep, times behind it are left to
  // the network without a try, twice as many after each miss in a row.
  Index along = kFewestAlong, misses = 0, left_out = 0;
  for (Index k = 0; k <= n; ++k) {
    if (left_out > 0) {
      --left_out;
      continue;
    }
    auto& now = all[to_size(k)];
    const double step = std::max(k > 0 ? grid.length(k - 1) : 0.0, k < n ? grid.length(k) : 0.0);
    const double most = 2.0 * kMostNats * epsilon / (static_cast<double>(n) * step);
    const Tabulation tabulation(single, now);
    for (Index tried = along; !now.lattice && count(tried) <= most_nodes; tried = denser(tried)) {
      auto tabulated = tabulation.tabulated(tried);
      const double error = tabulation.squared_error(tabulated);
      if (!(error <= most)) continue;
      now.lattice = std::move(tabulated.lattice);
      along = error < kMuchBetter * most ? coarser(tried) : tried;
    }
    misses = now.lattice ? 0 : 2 * misses + 1;
    left_out = misses;
  }
  return all;
}

}  // namespace otbridge
