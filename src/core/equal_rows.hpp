// Rows of a batch that repeat: many draws given one point are asked for as one batch of its copies,
// and most colours of a photograph are those of several pixels.
#pragma once

#include <numeric>
#include <span>
#include <vector>

#include "core/lexicographic_order.hpp"
#include "otbridge/core/points.hpp"

namespace otbridge {

// The rows of a batch by what they hold.
class EqualRows {
 public:
  // O(n log n) comparisons of rows. Where any entry is no finite number, each row is a group.
  explicit EqualRows(ConstPoints x) {
    const bool finite = x.allFinite();
    if (finite) {
      order_ = lexicographic_order(x);
    } else {
      order_.resize(to_size(x.rows()));
      std::iota(order_.begin(), order_.end(), Index{0});
    }
    for (Index k = 0; k < x.rows(); ++k) {
      const Index i = order_[to_size(k)];
      if (k == 0 || !finite || x.row(i) != x.row(order_[to_size(k - 1)])) {
        begins_.push_back(to_size(k));
        firsts_.push_back(i);
      }
    }
    begins_.push_back(order_.size());
  }

  // One row of each group: the first of those that are equal.
  const std::vector<Index>& firsts() const { return firsts_; }
  // All rows that equal firsts()[group], ascending.
  std::span<const Index> members(Index group) const {
    const std::size_t begin = begins_[to_size(group)];
    return std::span(order_).subspan(begin, begins_[to_size(group) + 1] - begin);
  }

 private:
  std::vector<Index> order_;
  std::vector<std::size_t> begins_;
  std::vector<Index> firsts_;
};

}  // namespace otbridge
