#include "neural/pair_cache.hpp"

namespace otbridge {

Index ThinnedPaths::pairs(Index steps) const {
  Index total = 0;
  for (Index j = 0; j < steps; ++j) total += count(j);
  return total;
}

void PairCache::resize(Index pairs) {
  inputs_.resize(2 * pairs, network_.network().inputs());
  targets_.resize(2 * pairs, network_.network().outputs());
}

void PairCache::store(Index row, const DriftNetwork::Slice& slice,
                      const Eigen::Ref<const RowVector>& x,
                      const Eigen::Ref<const RowVector>& drift) {
  slice.encode(x, inputs_.row(row));
  // Subtracted and scaled in double, rounded once.
  targets_.row(row) = slice.output_for(x, drift).cast<float>();
}

void PairCache::batch(Index first, Eigen::Ref<Rows<float>> inputs,
                      Eigen::Ref<Rows<float>> targets) const {
  for (Index p = 0; p < inputs.rows() / 2; ++p) {
    const Index pair = order_[to_size((first + p) % pairs())];
    inputs.middleRows(2 * p, 2) = inputs_.middleRows(2 * pair, 2);
    targets.middleRows(2 * p, 2) = targets_.middleRows(2 * pair, 2);
  }
}

}  // namespace otbridge
