#include "neural/regression.hpp"

#include <algorithm>
#include <numeric>

namespace otbridge {

template <class Scalar>
Index Regression<Scalar>::shard_tiles(Index groups) {
  return groups % current_threads() == 0 ? kGroupTiles : 1;
}

template <class Scalar>
Regression<Scalar>::Regression(const Mlp<Scalar>& network, Index batch, Index shard_tiles,
                               ProductPrecision precision)
    : network_(network),
      batch_(batch),
      precision_(precision),
      weights_(network.weights(precision)),
      shard_tiles_(shard_tiles) {
  gradients_.resize(to_size(chunk_count(batch, shard_tiles * kTileRows)),
                    Flat<Scalar>(network.parameter_count()));
  losses_.resize(gradients_.size() * to_size(shard_tiles));
  for (const auto& gradient : gradients_) parts_.push_back(gradient.data());
}

template <class Scalar>
std::unique_ptr<typename Mlp<Scalar>::Tape> Regression<Scalar>::Tapes::take(
    const Mlp<Scalar>& network, Index rows, ProductPrecision precision) {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      auto chosen = std::ranges::find(free_, std::this_thread::get_id(), &Free::last_user);
      if (chosen == free_.end()) --chosen;
      auto tape = std::move(chosen->tape);
      free_.erase(chosen);
      return tape;
    }
  }
  return std::make_unique<Tape>(network.tape(rows, precision));
}

template <class Scalar>
void Regression<Scalar>::Tapes::give(std::unique_ptr<Tape> tape) {
  const std::lock_guard lock(mutex_);
  free_.push_back({std::this_thread::get_id(), std::move(tape)});
}

template <class Scalar>
double Regression<Scalar>::residual(const Eigen::Ref<const Rows<Scalar>>& targets,
                                    Tape& tape) const {
  const double weight = 1.0 / static_cast<double>(batch_ * network_.outputs());
  const auto slope = static_cast<Scalar>(2.0 * weight);
  double squares = 0.0;
  for (Index i = 0; i < targets.rows(); ++i) {
    for (Index j = 0; j < targets.cols(); ++j) {
      const Scalar residual = tape.output()(i, j) - targets(i, j);
      squares += static_cast<double>(residual) * static_cast<double>(residual);
      // d/dy of weight |y - target|^2.
      tape.output_gradient()(i, j) = slope * residual;
    }
  }
  return weight * squares;
}

template <class Scalar>
void Regression<Scalar>::shard(Index shard, const Eigen::Ref<const Rows<Scalar>>& inputs,
                               const Eigen::Ref<const Rows<Scalar>>& targets) {
  auto tape = tapes_.take(network_, std::min(batch_, kTileRows), precision_);
  for (Index begin = 0; begin < inputs.rows(); begin += kTileRows) {
    tape->rows = std::min(kTileRows, inputs.rows() - begin);
    tape->input().set_top_rows(inputs.middleRows(begin, tape->rows));
    network_.forward(weights_, *tape);
    losses_of(shard)[to_size(begin / kTileRows)] =
        residual(targets.middleRows(begin, tape->rows), *tape);
    network_.backward(weights_, *tape, gradients_[to_size(shard)], begin > 0);
  }
  tapes_.give(std::move(tape));
}

template <class Scalar>
double Regression<Scalar>::loss() const {
  // In this order, whoever computed them.
  return std::accumulate(losses_.begin(), losses_.end(), 0.0);
}

template <class Scalar>
double Regression<Scalar>::add_gradients(Index begin, Index end, Flat<Scalar>& gradient) const {
  const kernels::Size count = to_size(end - begin);
  network_.kernels().add_parts(parts_.data(), parts_.size(), to_size(kGroupTiles / shard_tiles_),
                               to_size(begin), count, gradient.data() + begin);
  return network_.kernels().squared_norm(gradient.data() + begin, count);
}

template <class Scalar>
double Regression<Scalar>::evaluate(const Flat<Scalar>& parameters, const Rows<Scalar>& inputs,
                                    const Rows<Scalar>& targets, Flat<Scalar>& gradient) {
  pack(parameters);
  parallel_for(shards(), 1, [&](Index k, Index, Index) {
    const Index begin = shard_begin(k), rows = shard_rows(k);
    shard(k, inputs.middleRows(begin, rows), targets.middleRows(begin, rows));
  });
  gradient.resize(network_.parameter_count());
  parallel_for(gradient.size(), kFlatChunk,
               [&](Index begin, Index end, Index) { add_gradients(begin, end, gradient); });
  return loss();
}

template class Regression<float>;
template class Regression<double>;

}  // namespace otbridge
