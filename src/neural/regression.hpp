// Regression: mean squared error of an Mlp on a batch and its gradient, over fixed shards.
//
// The batch is cut into shards of kTileRows rows, each computed by whichever thread is free and
// kept apart; losses and gradients are then added in shard order, so the result is the same bit for
// bit for any number of threads.
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
  // The network must outlive it. Memory: one tape per thread and one gradient per shard.
  Regression(const Mlp<Scalar>& network, Index batch);
  Regression(const Regression&) = delete;
  Regression& operator=(const Regression&) = delete;

  // Loss: sum over rows of |network(input) - target|^2 / (batch outputs). inputs: batch x
  // network.inputs(), targets: batch x network.outputs(). Overwrites gradient.
  double evaluate(const Flat<Scalar>& parameters, const Rows<Scalar>& inputs,
                  const Rows<Scalar>& targets, Flat<Scalar>& gradient);

  // The same in parts, for callers with several batches at a time: pack(), or pack_layer() of all
  // layers; then every shard; then loss() and add_gradients() of all entries. Shards may be
  // computed side by side, layers and ranges of entries likewise.
  void pack(const Flat<Scalar>& parameters) { network_.pack(parameters, weights_); }
  void pack_layer(std::size_t layer, const Flat<Scalar>& parameters) {
    network_.pack_layer(layer, parameters, weights_);
  }
  Index shards() const { return static_cast<Index>(shards_.size()); }
  Index shard_begin(Index shard) const { return shard * kTileRows; }
  Index shard_rows(Index shard) const {
    return std::min(kTileRows, batch_ - shard_begin(shard));  // the last one may be shorter
  }
  // inputs, targets: the rows of the shard.
  void shard(Index shard, const Eigen::Ref<const Rows<Scalar>>& inputs,
             const Eigen::Ref<const Rows<Scalar>>& targets);
  double loss() const;
  // Entries begin .. end of the gradient; returns the sum of their squares.
  double add_gradients(Index begin, Index end, Flat<Scalar>& gradient) const;

 private:
  using Tape = typename Mlp<Scalar>::Tape;
  struct Shard {
    Flat<Scalar> gradient;
    double loss = 0.0;
  };

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

  // The loss of a shard, whose output gradient is left in its tape.
  double residual(const Eigen::Ref<const Rows<Scalar>>& targets, Tape& tape) const;

  const Mlp<Scalar>& network_;
  Index batch_;
  typename Mlp<Scalar>::Weights weights_;
  Tapes tapes_;
  std::vector<Shard> shards_;
  std::vector<const Scalar*> parts_;  // the gradients of the shards
};

extern template class Regression<float>;
extern template class Regression<double>;

}  // namespace otbridge
