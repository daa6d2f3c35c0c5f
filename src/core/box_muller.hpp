// Box and Muller's normals of several pairs of uniform numbers at once, by additions, products, one
// division and one root each, so that they are the same wherever a pair stands.
#pragma once

#include <array>
#include <cstddef>

namespace otbridge {

inline constexpr std::size_t kPairsTogether = 8;

// In place, the first `count`: u0, u1 in (0, 1), multiples of 2^-53, become r cos(2 pi u1) and r
// sin(2 pi u1), r = sqrt(-2 log u0), within 5e-16 r. What comes after them is lost.
void box_muller(std::size_t count, std::array<double, kPairsTogether>& u0,
                std::array<double, kPairsTogether>& u1);

}  // namespace otbridge
