// PairCache: the (time, state) -> drift rows of one pass of training, shuffled and used whole.
//
// Rows come in pairs, 2p and 2p + 1, that stay together in every batch, so that a source may give
// two antithetic rows whose noise cancels in the sum of their gradients. A row is what the network
// sees and should answer, in its own preconditioned units and in single precision.
// Memory: 8 (inputs + outputs) bytes per pair.
#pragma once

#include <span>
#include <vector>

#include "neural/drift_network.hpp"
#include "otbridge/core/random.hpp"

namespace otbridge {

// Which paths are stored at which of their steps: path i at the steps j with (i + j) % thinning ==
// 0. Neighbouring states of one path say nearly the same, so at equal cost more paths, each used at
// fewer steps, leave less noise; and each step still sees one path in `thinning`.
struct ThinnedPaths {
  Index paths;
  Index thinning = 1;  // 1: every path at every step

  // The paths of step j are first(j), first(j) + thinning, ...: count(j) of them.
  Index first(Index j) const { return (thinning - j % thinning) % thinning; }
  Index count(Index j) const {
    return first(j) < paths ? (paths - first(j) + thinning - 1) / thinning : 0;
  }
  Index pairs(Index steps) const;  // stored in all
};

class PairCache {
 public:
  // For rows of this network, which must outlive the cache.
  explicit PairCache(const DriftNetwork& network) : network_(network) {}

  // Makes room for so many pairs, whose rows are then all to be stored.
  void resize(Index pairs);
  Index pairs() const { return inputs_.rows() / 2; }
  bool finite() const { return inputs_.allFinite() && targets_.allFinite(); }

  // What is fixed of the network at time t, for store(); worth sharing between rows of one time.
  DriftNetwork::Slice slice(double t) const { return network_.slice(t); }
  // Row `row` says: at the slice's time and state x the drift should be `drift`, per unit time.
  // Different rows may be stored by different threads.
  void store(Index row, const DriftNetwork::Slice& slice, const Eigen::Ref<const RowVector>& x,
             const Eigen::Ref<const RowVector>& drift);

  // What so many rows from the first-th on hold: in, and out.
  std::span<float> inputs_of(Index first, Index rows) { return rows_of(inputs_, first, rows); }
  std::span<float> targets_of(Index first, Index rows) { return rows_of(targets_, first, rows); }

  // Sets the order in which batch() hands out the pairs.
  void shuffle(const RandomStream& stream) { order_ = permutation(pairs(), stream); }
  // inputs.rows() / 2 pairs of the shuffled order, from the first-th on. The last batch of a pass
  // is filled up from the head of the order.
  void batch(Index first, Eigen::Ref<Rows<float>> inputs, Eigen::Ref<Rows<float>> targets) const;

 private:
  static std::span<float> rows_of(Rows<float>& all, Index first, Index rows) {
    return std::span(all.data(), to_size(all.size()))
        .subspan(to_size(first * all.cols()), to_size(rows * all.cols()));
  }

  const DriftNetwork& network_;
  Rows<float> inputs_, targets_;
  std::vector<Index> order_;
};

}  // namespace otbridge
