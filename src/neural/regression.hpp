// Regression: mean squared error of an Mlp on a batch and its gradient, over fixed tiles.
//
// The batch is cut into tiles of kTileRows rows, and these into groups. Gradients of a group are
// added tile by tile, then those of all groups, whichever threads computed them: the result is the
// same bit for bit for any number of threads. What a thread computes at a time, a shard, is a group
// where all threads have equally many of them, since the gradients of its tiles then never leave
// the thread's own cache, or where processes exchange them; otherwise a tile.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "neural/mlp.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {

template <class Scalar>
class Regression {
 public:
  static constexpr Index kGroupTiles = 2;
  static Index groups(Index batch) { return chunk_count(batch, kGroupTiles * kTileRows); }
  // 1 or kGroupTiles: what suits the threads of this moment, which have so many groups to work on.
  static Index shard_tiles(Index groups);

  // The network must outlive it. Memory: one tape per thread and one gradient per shard.
  Regression(const Mlp<Scalar>& network, Index batch, Index shard_tiles,
             ProductPrecision precision);
  explicit Regression(const Mlp<Scalar>& network, Index batch,
                      ProductPrecision precision = ProductPrecision::single)
      : Regression(network, batch, shard_tiles(groups(batch)), precision) {}
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
  // What a shard fills in: a gradient, and the loss of each tile that a whole shard has.
  std::span<Scalar> gradient_of(Index shard) {
    auto& gradient = gradients_[to_size(shard)];
    return {gradient.data(), to_size(gradient.size())};
  }
  std::span<double> losses_of(Index shard) {
    return std::span(losses_).subspan(to_size(shard * shard_tiles_), to_size(shard_tiles_));
  }
  double loss() const;
  // Entries begin .. end of the gradient; returns the sum of their squares.
  double add_gradients(Index begin, Index end, Flat<Scalar>& gradient) const;

 private:
  using Tape = typename Mlp<Scalar>::Tape;

  // Tapes that nobody uses. A thread gets its own again if it has one: other threads' are in other
  // caches. What was left in it does not matter.
  class Tapes {
   public:
    std::unique_ptr<Tape> take(const Mlp<Scalar>& network, Index rows, ProductPrecision precision);
    void give(std::unique_ptr<Tape> tape);

   private:
    struct Free {
      std::thread::id last_user;
      std::unique_ptr<Tape> tape;
    };
    std::mutex mutex_;
    std::vector<Free> free_;
  };

  // The loss of a tile, whose output gradient is left in its tape.
  double residual(const Eigen::Ref<const Rows<Scalar>>& targets, Tape& tape) const;

  const Mlp<Scalar>& network_;
  Index batch_;
  ProductPrecision precision_;
  typename Mlp<Scalar>::Weights weights_;
  Tapes tapes_;
  Index shard_tiles_;
  std::vector<Flat<Scalar>> gradients_;  // of the shards
  std::vector<const Scalar*> parts_;     // their data
  std::vector<double> losses_;           // of the tiles; 0 beyond the last
};

extern template class Regression<float>;
extern template class Regression<double>;

}  // namespace otbridge
