// Some rows of many, for what shows or moves a few of a cloud.
#pragma once

#include <vector>

#include "otbridge/core/random.hpp"

namespace otbridge {

// At most `limit` of 0 .. n-1, ascending: by chance, not by rank, since files are often sorted.
// O(n).
std::vector<Index> chosen_rows(Index n, Index limit, const RandomStream& stream);

}  // namespace otbridge
