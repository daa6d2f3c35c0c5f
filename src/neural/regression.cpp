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
double Regression<Scalar>::evaluate(const Flat<Scalar>& parameters, const Rows<Scalar>& inputs,
                                    const Rows<Scalar>& targets, Flat<Scalar>& gradient) {
  network_.pack(parameters, weights_);
  parallel_for(batch_, kTileRows, [&](Index begin, Index end, Index chunk) {
    Shard& shard = shards_[to_size(chunk)];
    auto tape = tapes_.take(network_, std::min(batch_, kTileRows));
    tape->rows = end - begin;  // the last shard may be shorter
    tape->input().set_top_rows(inputs.middleRows(begin, end - begin));
    network_.forward(weights_, *tape);
    shard.loss = residual(targets.middleRows(begin, end - begin), *tape);
    network_.backward(weights_, *tape, shard.gradient);
    tapes_.give(std::move(tape));
  });
  // In shard order, whoever computed them.
  double loss = 0.0;
  for (const Shard& shard : shards_) loss += shard.loss;
  gradient.resize(network_.parameter_count());
  parallel_for(gradient.size(), kFlatChunk, [&](Index begin, Index end, Index) {
    network_.kernels().add_parts(parts_.data(), parts_.size(), to_size(begin), to_size(end - begin),
                                 gradient.data() + begin);
  });
  return loss;
}

template class Regression<float>;
template class Regression<double>;

}  // namespace otbridge
