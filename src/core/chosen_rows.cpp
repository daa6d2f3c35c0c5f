#include "otbridge/core/chosen_rows.hpp"

#include <algorithm>
#include <numeric>

namespace otbridge {

std::vector<Index> chosen_rows(Index n, Index limit, const RandomStream& stream) {
  std::vector<Index> rows;
  if (n > limit) {
    rows = permutation(n, stream);
    rows.resize(to_size(limit));
    std::ranges::sort(rows);
  } else {
    rows.resize(to_size(n));
    std::iota(rows.begin(), rows.end(), Index{0});
  }
  return rows;
}

}  // namespace otbridge
