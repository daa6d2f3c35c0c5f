// Regression: mean squared error of an Mlp on a batch and its gradient, over fixed tiles.
//
// The batch is cut into tiles of kTileRows rows, and these into groups. Gradients of a group are
// added tile by tile, then those of all groups, whichever threads computed them: the result is the
// same bit for bit for any number of threads. What a thread computes at a time, a shard, is a group
// where all threads have equally many of them, since the gradients of its tiles then never leave
// the thread's own cache; otherwise a tile.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include "neural/mlp.hpp"

namespace otbridge {

template <class Scalar>
class Regression {
 public:
  // The network must outlive it. `side_by_side`: how many of its kind the threads of this moment
  // work on together. Memory: one tape per thread and one gradient per shard.
  Regression(const Mlp<Scalar>& network, Index batch, Index side_by_side = 1);
  Regression(const Regression&) = delete;
  Regression& operator=(const Regression&) = delete;

  // Loss: sum over rows of |network(input) - target|^2 / (batch outputs). inputs: batch x
  // network.inputs(), targets: batch x network.outputs(). Overwrites gradient.
  double evaluate(const Flat<Scalar>& parameters, const Rows<Scalar>& inputs,
                  const Rows<Scalar>& targets, Flat<Scalar>& gradient);

  // The same in parts, for callers with several batches at a time: pack(), of all at once or place
  // by place; then every shard; then loss() and add_gradients() of all entries. Shards may be
  // computed side by side, layers and ranges of entries likewise.
  void pack(const Flat<Scalar>& parameters) { network_.pack(parameters, weights_); }
  void pack(const MatrixPlace& place, const Flat<Scalar>& parameters) {
    network_.pack(place, parameters, weights_);
  }
  Index shards() const { return static_cast<Index>(gradients_.size()); }
  Index shard_begin(Index shard) const { return shard * shard_tiles_ * kTileRows; }
  Index shard_rows(Index shard) const {
    // The last one may be shorter.
    return std::min(shard_tiles_ * kTileRows, batch_ - shard_begin(shard));
  }
  // inputs, targets: the rows of the shard.
  void shard(Index shard, const Eigen::Ref<const Rows<Scalar>>& inputs,
             const Eigen::Ref<const Rows<Scalar>>& targets);
  double loss() const;
  // Entries begin .. end of the gradient; returns the sum of their squares.
  double add_gradients(Index begin, Index end, Flat<Scalar>& gradient) const;

 private:
  using Tape = typename Mlp<Scalar>::Tape;
  static constexpr Index kGroupTiles = 2;

  // Tapes that nobody uses, last given back first: so a thread mostly gets the one that its own
  // cache holds. What was left in it does not matter.
  class Tapes {
   public:
    std::unique_ptr<Tape> take(const Mlp<Scalar>& network, Index rows);
    void give(std::unique_ptr<Tape> tape);

   private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Tape>> free_;
  };

  // The loss of a tile, whose output gradient is left in its tape.
  double residual(const Eigen::Ref<const Rows<Scalar>>& targets, Tape& tape) const;

  const Mlp<Scalar>& network_;
  Index batch_;
  typename Mlp<Scalar>::Weights weights_;
  Tapes tapes_;
  Index shard_tiles_ = 1;
  std::vector<Flat<Scalar>> gradients_;  // of the shards
  std::vector<const Scalar*> parts_;     // their data
  std::vector<double> losses_;           // of the tiles
};

extern template class Regression<float>;
extern template class Regression<double>;

}  // namespace otbridge
