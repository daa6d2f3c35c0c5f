#include "otbridge/core/random.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace otbridge;

// Known-answer vectors published with Random123 (kat_vectors, "philox4x32 10").
TEST_CASE("Philox 4x32-10 gives its published vectors") {
  using Block = std::array<std::uint32_t, 4>;
  CHECK(philox4x32_10({0, 0, 0, 0}, {0, 0}) ==
        Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32_10({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("normals have the moments of a standard normal") {
  const Index n = 200000;
  const Points z = normal_points(n, 3, RandomStream(1));
  // Five standard errors per moment and coordinate: false alarms below 1e-5 in all.
  for (Index c = 0; c < 3; ++c) {
    const auto column = z.col(c).array();
    CHECK(std::abs(column.mean()) < 5.0 / std::sqrt(n));
    CHECK(std::abs(column.square().mean() - 1.0) < 5.0 * std::sqrt(2.0 / n));
    CHECK(std::abs(column.pow(4).mean() - 3.0) < 5.0 * std::sqrt(96.0 / n));
  }
  CHECK(std::abs((z.col(0).array() * z.col(1).array()).mean()) < 5.0 / std::sqrt(n));
}

TEST_CASE("a draw depends on its coordinates alone") {
  const RandomStream stream(7, Purpose::paths);
  const Points all = normal_points(100, 5, stream, 3);
  CHECK(all(42, 4) == stream.normal(42, 3, 4));
  CHECK(all(42, 4) != stream.normal(42, 2, 4));
  CHECK(stream.fork(1).normal(0, 0, 0) != stream.fork(2).normal(0, 0, 0));
  CHECK(RandomStream(1, Purpose::paths).normal(0, 0, 0) !=
        RandomStream(1, Purpose::plot).normal(0, 0, 0));
}

TEST_CASE("uniforms stay inside the open unit interval and permutations are permutations") {
  const RandomStream stream(3);
  for (Index i = 0; i < 10000; ++i) {
    const double u = stream.uniform(i, 0, 0);
    CHECK((u > 0.0 && u < 1.0));
  }
  const auto order = permutation(1000, stream);
  std::vector<int> seen(1000, 0);
  for (const Index i : order) ++seen[static_cast<std::size_t>(i)];
  for (const int count : seen) CHECK(count == 1);
}
