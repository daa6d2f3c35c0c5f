// DriftNetwork: the drift of one direction of the bridge as a preconditioned network.
//
// drift(t, x) = slope(t) x + offset(t) + scale(t) net(clamp((x - shift(t)) / spread(t)),
//               embedding(t)).
// Everything but net is fixed before training from the moments of the two laws, so that the network
// sees and produces numbers of order one whatever the units of the data. slope and offset are the
// exact drift towards a Gaussian law of those moments under the reference (compare Karras et al.
// 2022, preconditioning). Arithmetic of the network in single or in mixed precision.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "measure/moments.hpp"
#include "neural/input_lattice.hpp"
#include "neural/mlp.hpp"
#include "otbridge/neural/settings.hpp"
#include "otbridge/problem/problem.hpp"
#include "sde/chain.hpp"
#include "sde/step_grid.hpp"

namespace otbridge {

// The drift that the network is added to, exact for Gaussian laws of the two laws' moments,
// coordinate by coordinate.
enum class BaseDrift {
  // Towards the end law forward, the reversed reference backward: what a first fit to the chain of
  // the reference finds.
  reversal,
  bridge,  // the Schroedinger bridge of the two
};

// What both networks of a plan share: everything that is fixed before the first training.
struct DriftDesign {
  ReferenceProcess reference;
  StepGrid grid;                 // of the chain that the drifts are trained on and simulated over
  MeanVariances source, target;  // of the two laws, which the preconditioning is made of
  NetworkSettings network;       // of either direction
  BaseDrift base = BaseDrift::reversal;

  // Mean matching learns what Euler's steps over the grid do. A bridge fit regresses the drift of
  // continuous time, which Heun's steps follow to second order.
  Stepper stepper() const { return base == BaseDrift::bridge ? Stepper::heun : Stepper::euler; }
};

// BaseDrift::bridge itself, forward: n x d, per unit time.
Points gaussian_bridge_drift(const DriftDesign& design, double t, ConstPoints x);

class DriftNetwork {
 public:
  DriftNetwork(std::shared_ptr<const DriftDesign> design, Direction direction);

  const DriftDesign& design() const { return *design_; }
  Direction direction() const { return direction_; }
  const Mlp<float>& network() const { return network_; }
  ProductPrecision precision() const {
    return design_->network.precision == "mixed" ? ProductPrecision::mixed
                                                 : ProductPrecision::single;
  }
  const Flat<float>& weights() const { return weights_; }
  void set_weights(Flat<float> weights);
  // Without weights the drift is the reference's, -theta x: the forward process before any fit.
  bool fitted() const { return weights_.size() > 0; }

  // n x d, per unit time of the direction; times beyond the last trained one are drawn back to it.
  Points at(double t, ConstPoints x) const { return jet(t, x, {}).value; }

  // The drift with its derivatives along other rows: along[k] is J(t, x_i) v_i in row i, v =
  // directions[k], each n x d. Forward mode through the network: one more pass for each direction,
  // in single precision.
  struct Jet {
    Points value;
    std::vector<Points> along;
  };
  Jet jet(double t, ConstPoints x, std::span<const Points> directions) const;

  static constexpr double kFarthest = 4.0;  // deviations, of a coordinate as the network sees it

  // The fixed functions above at one time.
  struct Slice {  // each 1 x d, embedding 1 x time_features
    RowVector slope, offset, scale, shift, inverse_spread, embedding;

    // The network sees coordinates drawn back to so many deviations from the mean. Beyond, where
    // it was hardly trained, it would go on along its last slope, and a path that strays there be
    // carried off faster and faster; drawn back, what it adds to the base is bounded.
    double deviations(double x, Index j) const { return (x - shift[j]) * inverse_spread[j]; }
    bool within(double x, Index j) const { return std::abs(deviations(x, j)) <= kFarthest; }
    float input_of(double x, Index j) const {
      return static_cast<float>(std::clamp(deviations(x, j), -kFarthest, kFarthest));
    }
    // One row of network input, and the network output that would give `drift` at x.
    void encode(const Eigen::Ref<const RowVector>& x, Eigen::Ref<Eigen::RowVectorXf> input) const;
    RowVector output_for(const Eigen::Ref<const RowVector>& x,
                         const Eigen::Ref<const RowVector>& drift) const;
  };
  Slice slice(double t) const;

  // All that rows of one time have in common: these, and the bias of the network's first layer,
  // with what the time adds to it. Of a drift with weights.
  struct Moment {
    Slice slice;
    Panels<float> bias;
    // Stands for the network where there is one.
    std::shared_ptr<const InputLattice> lattice = {};
  };
  Moment moment(double t) const;
  Points at(const Moment& now, ConstPoints x) const;
  // The same by this thread alone, tile by tile. The tape is of a whole tile or of all rows, and
  // made where there is none and the network is asked.
  void fill_rows(const Moment& now, ConstPoints x, std::optional<Mlp<float>::Tape>& tape,
                 Eigen::Ref<Points> value) const;
  // At the nodes of the design's grid, from node 0 on: drift_tables.hpp. Made when first asked for,
  // by the caller's threads; copies of a network share them. None without weights or beyond the
  // plane. What the host is polled for meanwhile must not ask the same network.
  const std::vector<Moment>& tables() const;
  // The drift by those, at other times as at(): as chains ask for it.
  Points along_chains(double t, ConstPoints x) const;

 private:
  std::shared_ptr<const DriftDesign> design_;
  Direction direction_;
  Mlp<float> network_;
  Flat<float> weights_;
  Mlp<float>::Weights packed_;  // the same for the kernels
  Panels<float> first_;         // of the first layer, those of the state
  struct Tables {
    std::mutex making;
    std::optional<std::vector<Moment>> moments = {};
  };
  std::shared_ptr<Tables> tables_ = std::make_shared<Tables>();  // of these weights
};

// The drift at the nodes of a grid, from node 0 on; none of a drift without weights.
using DriftMoments = std::vector<DriftNetwork::Moment>;
DriftMoments network_moments(const DriftNetwork& network, const StepGrid& grid);
// By tables() at the times that have one.
DriftMoments chain_moments(const DriftNetwork& network, const StepGrid& grid);

// The chain of a network in its direction over a grid, by the stepper of its design and the drift
// at the nodes of the grid. Unless someone sees its steps, some rows after the other go all the
// way.
Points simulate_chain(const DriftNetwork& network, const StepGrid& grid,
                      const DriftMoments& moments, ConstPoints start, const ChainNoise& noise,
                      const ChainVisitor& visit = {});
inline Points simulate_chain(const DriftNetwork& network, const StepGrid& grid, ConstPoints start,
                             const ChainNoise& noise, const ChainVisitor& visit = {}) {
  return simulate_chain(network, grid, chain_moments(network, grid), start, noise, visit);
}
// Rows that a thread takes through a chain at a time, of so many: whole tiles, whose states stay in
// a core's cache; and there are chunks for 100 threads.
Index chain_rows(Index rows);

}  // namespace otbridge
