#include "neural/regression.hpp"

#include <algorithm>

#include "otbridge/core/parallel.hpp"

namespace otbridge {

template <class Scalar>
Regression<Scalar>::Regression(const Mlp<Scalar>& network, Index batch)
    : network_(network), batch_(batch), weights_(network.weights()) {
  // Only the last shard may be shorter.
  for (Index begin = 0; begin < batch; begin += kTileRows) {
    const Index rows = std::min(kTileRows, batch - begin);
    shards_.push_back({network.tape(rows), Flat<Scalar>(network.parameter_count())});
  }
  for (const Shard& shard : shards_) parts_.push_back(shard.gradient.data());
}

template <class Scalar>
double Regression<Scalar>::residual(const Eigen::Ref<const Rows<Scalar>>& targets,
                                    typename Mlp<Scalar>::Tape& tape) const {
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
    shard.tape.input().set_top_rows(inputs.middleRows(begin, end - begin));
    network_.forward(weights_, shard.tape);
    shard.loss = residual(targets.middleRows(begin, end - begin), shard.tape);
    network_.backward(weights_, shard.tape, shard.gradient);
  });
  // In shard order, whoever computed them.
  double loss = 0.0;
  for (const Shard& shard : shards_) loss += shard.loss;
  gradient.resize(network_.parameter_count());
  constexpr Index kChunk = 8192;  // parameters
  parallel_for(gradient.size(), kChunk, [&](Index begin, Index end, Index) {
    network_.kernels().add_parts(parts_.data(), parts_.size(), to_size(begin), to_size(end - begin),
                                 gradient.data() + begin);
  });
  return loss;
}

template class Regression<float>;
template class Regression<double>;

}  // namespace otbridge
