// The loops behind normals: Philox's numbers of several places at once, and Box and Muller's
// transform of them, compiled once per instruction set.
//
// Made of whole numbers, and of sums, products, divisions and roots that round once each, so that a
// number has the same bits in every set, wherever in a batch it stands.
#pragma once

#include <cstddef>
#include <cstdint>

namespace otbridge {

inline constexpr std::size_t kPairsTogether = 64;

// A block of Philox gives two numbers.
struct PairPlaces {
  alignas(64) std::uint64_t row[kPairsTogether];
  alignas(64) std::uint64_t block[kPairsTogether];  // below 2^32
};
struct NumberPairs {
  alignas(64) double first[kPairsTogether];
  alignas(64) double second[kPairsTogether];
};

// Both do the first `count` and may do some more, up to a whole vector.
struct NormalLoops {
  const char* name;
  // Uniform on (0, 1), multiples of 2^-53, of the counter (row, step, block) under the key: Philox
  // 4x32-10 (Salmon, Moraes, Dror, Shaw 2011).
  void (*uniforms)(const PairPlaces&, std::size_t count, std::uint32_t step, std::uint32_t key0,
                   std::uint32_t key1, NumberPairs&);
  // In place: u, v become r cos(2 pi v) and r sin(2 pi v), r = sqrt(-2 log u), within 5e-16 r (Box,
  // Muller 1958). Not a rejection method: the number of draws used must not depend on
  // their values.
  void (*box_muller)(std::size_t count, NumberPairs&);
};

// Those this processor can run, fastest first; the last one of any processor is always there. Null
// past the end.
const NormalLoops* available_normal_loops(std::size_t index);

namespace normal_loops_baseline {
extern const NormalLoops kLoops;
}
#ifdef OTBRIDGE_X86_LOOPS
namespace normal_loops_avx2 {
extern const NormalLoops kLoops;
}
namespace normal_loops_avx512 {
extern const NormalLoops kLoops;
}
#endif

}  // namespace otbridge
