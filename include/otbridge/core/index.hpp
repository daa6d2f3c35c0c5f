// Index: counts and positions, signed; free of Eigen, for headers that need nothing else of it.
#pragma once

#include <cstddef>

namespace otbridge {

using Index = std::ptrdiff_t;  // Eigen::Index, which points.hpp checks

// An index or a count, never negative, as standard containers take it.
constexpr std::size_t to_size(Index i) { return static_cast<std::size_t>(i); }

}  // namespace otbridge
