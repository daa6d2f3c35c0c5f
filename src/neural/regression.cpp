#include "neural/regression.hpp"

#include <algorithm>

#include "otbridge/core/parallel.hpp"

namespace otbridge {

template <class Scalar>
Regression<Scalar>::Regression(const Mlp<Scalar>& network, Index batch)
    : network_(network), batch_(batch) {
  // Only the last shard may be shorter.
  for (Index begin = 0; begin < batch; begin += kTileRows) {
    const Index rows = std::min(kTileRows, batch - begin);
    shards_.push_back({network.tape(rows), Flat<Scalar>(network.parameter_count())});
  }
}

template <class Scalar>
double Regression<Scalar>::evaluate(const Flat<Scalar>& parameters, const Rows<Scalar>& inputs,
                                    const Rows<Scalar>& targets, Flat<Scalar>& gradient) {
  const double weight = 1.0 / static_cast<double>(batch_ * network_.outputs());
  parallel_for(batch_, kTileRows, [&](Index begin, Index end, Index chunk) {
    Shard& shard = shards_[to_size(chunk)];
    shard.tape.input() = inputs.middleRows(begin, end - begin);
    network_.forward(parameters, shard.tape);
    auto& residual = shard.tape.output_gradient();
    residual = shard.tape.output() - targets.middleRows(begin, end - begin);
    shard.loss = weight * residual.template cast<double>().squaredNorm();
    // d/dy of weight |y - target|^2.
    residual *= static_cast<Scalar>(2.0 * weight);
    network_.backward(parameters, shard.tape, shard.gradient);
  });
  // In shard order, whoever computed them.
  double loss = 0.0;
  gradient.setZero(network_.parameter_count());
  for (const Shard& shard : shards_) {
    loss += shard.loss;
    gradient += shard.gradient;
  }
  return loss;
}

template class Regression<float>;
template class Regression<double>;

}  // namespace otbridge
