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
  const auto at = [&](Index p) { return order_[to_size((first + p) % pairs())]; };
  for (Index p = 0; p < inputs.rows() / 2; ++p) {
    // Of the pairs no two are neighbours: each would wait for the memory, were it not asked ahead.
    constexpr Index kAhead = 8, kLine = 16;  // numbers in a line of the cache
    const Index pair = at(p), next = at(p + kAhead);
    const float* const ahead = &inputs_(2 * next, 0);
    for (Index k = 0; k < 2 * inputs_.cols(); k += kLine) __builtin_prefetch(ahead + k);
    __builtin_prefetch(&targets_(2 * next, 0));
    inputs.middleRows(2 * p, 2) = inputs_.middleRows(2 * pair, 2);
    targets.middleRows(2 * p, 2) = targets_.middleRows(2 * pair, 2);
  }
}

}  // namespace otbridge
