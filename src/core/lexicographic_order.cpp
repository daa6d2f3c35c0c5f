#include "core/lexicographic_order.hpp"

#include <numeric>

namespace otbridge {

std::vector<Index> lexicographic_order(ConstPoints points) {
  std::vector<Index> order(to_size(points.rows()));
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::sort(order, [&](Index i, Index j) {
    const auto p = points.row(i), q = points.row(j);
    // Row numbers decide between equals: a stable sort would take memory for the same answer.
    return lexicographically_before(p, q) || (!lexicographically_before(q, p) && i < j);
  });
  return order;
}

}  // namespace otbridge
