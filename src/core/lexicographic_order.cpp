#include "core/lexicographic_order.hpp"

#include <utility>

namespace otbridge {

std::vector<Index> lexicographic_order(ConstPoints points) {
  // By the first coordinate, beside its row in memory; of most clouds this is all.
  using Key = std::pair<double, Index>;
  std::vector<Key> keys(to_size(points.rows()));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i] = {points(static_cast<Index>(i), 0), static_cast<Index>(i)};
  }
  // Row numbers decide between equals: a stable sort would take memory for the same answer.
  std::ranges::sort(keys);
  for (auto begin = keys.begin(); begin != keys.end();) {
    const auto end = std::find_if(begin, keys.end(),
                                  [&](const Key& key) { return key.first != begin->first; });
    if (end - begin > 1) {
      std::sort(begin, end, [&](const Key& a, const Key& b) {
        const auto p = points.row(a.second), q = points.row(b.second);
        return lexicographically_before(p, q) ||
               (!lexicographically_before(q, p) && a.second < b.second);
      });
    }
    begin = end;
  }
  std::vector<Index> order(keys.size());
  std::ranges::transform(keys, order.begin(), &Key::second);
  return order;
}

}  // namespace otbridge
