// Tile: 32 numbers of T side by side, what the kernels of pairs read at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace otbridge::kernels {

using Size = std::size_t;

constexpr Size kTile = 32;

template <class T>
struct alignas(64) Tile {
  T values[kTile];
};

using Hits = std::uint32_t;  // one bit per column of a tile
static_assert(kTile == 32);

}  // namespace otbridge::kernels
