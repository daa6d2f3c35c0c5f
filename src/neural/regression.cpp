#include "neural/regression.hpp"

#include <algorithm>

#include "otbridge/core/parallel.hpp"

namespace otbridge {

template <class Scalar>
Regression<Scalar>::Regression(const Mlp<Scalar>& network, Index batch)
    : network_(network), batch_(batch), weights_(network.weights()) {
  for (Index k = 0; k < chunk_count(batch, kTileRows); ++k) {
    shards_.push_back({Flat<Scalar>(network.parameter_count())});
  }
  for (const Shard& shard : shards_) parts_.push_back(shard.gradient.data());
}

template <class Scalar>
std::unique_ptr<typename Mlp<Scalar>::Tape> Regression<Scalar>::Tapes::take(
    const Mlp<Scalar>& network, Index rows) {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      auto tape = std::move(free_.back());
      free_.pop_back();
      return tape;
    }
  }
  return std::make_unique<Tape>(network.tape(rows));
}

template <class Scalar>
void Regression<Scalar>::Tapes::give(std::unique_ptr<Tape> tape) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(tape));
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
  Shard& result = shards_[to_size(shard)];
  auto tape = tapes_.take(network_, std::min(batch_, kTileRows));
  tape->rows = inputs.rows();
  tape->input().set_top_rows(inputs);
  network_.forward(weights_, *tape);
  result.loss = residual(targets, *tape);
  network_.backward(weights_, *tape, result.gradient);
  tapes_.give(std::move(tape));
}

template <class Scalar>
double Regression<Scalar>::loss() const {
  // In shard order, whoever computed them.
  double loss = 0.0;
  for (const Shard& shard : shards_) loss += shard.loss;
  return loss;
}

template <class Scalar>
double Regression<Scalar>::add_gradients(Index begin, Index end, Flat<Scalar>& gradient) const {
  const kernels::Size count = to_size(end - begin);
  network_.kernels().add_parts(parts_.data(), parts_.size(), to_size(begin), count,
                               gradient.data() + begin);
  return network_.kernels().squared_norm(gradient.data() + begin, count);
}

template <class Scalar>
double Regression<Scalar>::evaluate(const Flat<Scalar>& parameters, const Rows<Scalar>& inputs,
                                    const Rows<Scalar>& targets, Flat<Scalar>& gradient) {
  pack(parameters);
  parallel_for(batch_, kTileRows, [&](Index begin, Index end, Index chunk) {
    shard(chunk, inputs.middleRows(begin, end - begin), targets.middleRows(begin, end - begin));
  });
  gradient.resize(network_.parameter_count());
  parallel_for(gradient.size(), kFlatChunk,
               [&](Index begin, Index end, Index) { add_gradients(begin, end, gradient); });
  return loss();
}

template class Regression<float>;
template class Regression<double>;

}  // namespace otbridge
