#include "otbridge/core/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numbers>

#include "core/normal_loops.hpp"

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

// By the library's functions, of the uniform numbers that are in the same places.
TEST_CASE("normals are those of Box and Muller, alike in any company") {
  const RandomStream stream(3);
  std::vector<Index> rows(2000);
  for (std::size_t k = 0; k < rows.size(); ++k) rows[k] = static_cast<Index>(k * k * k);
  for (const Index d : {1, 2, 3, 16, 17}) {
    CAPTURE(d);
    const Points z = stream.normals(rows, 4, d);
    for (Index i = 0; i < z.rows(); ++i) {
      const Index row = rows[static_cast<std::size_t>(i)];
      std::vector<double> alone(static_cast<std::size_t>(d));
      stream.fill_normal(row, 4, alone);
      for (Index c = 0; c < d; ++c) {
        const double radius = std::sqrt(-2.0 * std::log(stream.uniform(row, 4, c / 2 * 2)));
        const double angle = 2.0 * std::numbers::pi * stream.uniform(row, 4, c / 2 * 2 + 1);
        const double exact = radius * (c % 2 == 0 ? std::cos(angle) : std::sin(angle));
        CHECK(std::abs(z(i, c) - exact) <= 8e-16 * radius);
        CHECK(alone[static_cast<std::size_t>(c)] == z(i, c));
        CHECK(stream.normal(row, 4, c) == z(i, c));
      }
    }
  }
}

// Against the numbers that the published vectors vouch for, one at a time, and the same bits of
// normals from every set of loops.
TEST_CASE("every set of loops draws the same numbers") {
  PairPlaces places{};
  for (std::size_t k = 0; k < kPairsTogether; ++k) {
    places.row[k] = k * 0x9e3779b97f4a7c15;
    places.block[k] = k % 3 == 0 ? k : 0xffffffff - k;
  }
  const std::uint32_t step = 0xcafe1234, key[] = {0x12345678, 0xfedcba98};
  NumberPairs first;
  for (std::size_t s = 0; available_normal_loops(s) != nullptr; ++s) {
    const NormalLoops& loops = *available_normal_loops(s);
    CAPTURE(loops.name);
    NumberPairs numbers;
    loops.uniforms(places, kPairsTogether, step, key[0], key[1], numbers);
    for (std::size_t k = 0; k < kPairsTogether; ++k) {
      const auto word = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
      const auto bits = philox4x32_10(
          {word(places.row[k]), word(places.row[k] >> 32), step, word(places.block[k])},
          {key[0], key[1]});
      const auto unit = [](std::uint64_t a, std::uint64_t b) {
        return (static_cast<double>((a << 32 | b) >> 12) + 0.5) / 0x1p52;
      };
      CHECK(numbers.first[k] == unit(bits[0], bits[1]));
      CHECK(numbers.second[k] == unit(bits[2], bits[3]));
    }
    loops.box_muller(kPairsTogether, numbers);
    if (s == 0) first = numbers;
    for (std::size_t k = 0; k < kPairsTogether; ++k) {
      CHECK(numbers.first[k] == first.first[k]);
      CHECK(numbers.second[k] == first.second[k]);
    }
  }
}

// At the ends of the interval, at the bounds of octaves and of quarters of a turn.
TEST_CASE("Box and Muller's transform is right at the edges") {
  const NormalLoops& loops = *available_normal_loops(0);
  const double least = 0x1p-53,
               edges[] = {least,         3 * least, 0.125 - least,  0.125,    0.125 + least, 0.25,
                          0.375 + least, 0.5,       std::sqrt(0.5), 0.625,    0.75 - least,  0.875,
                          0.875 + least, 0.9375,    1 - 3 * least,  1 - least};
  for (const double u : edges) {
    for (const double v : edges) {
      NumberPairs pair{{u}, {v}};
      loops.box_muller(1, pair);
      // A turn has 2 pi only to rounding: of the nearest whole quarter exactly.
      const double quarter = std::round(4.0 * v), rest = 2.0 * std::numbers::pi * (v - quarter / 4);
      const double c[] = {std::cos(rest), -std::sin(rest), -std::cos(rest), std::sin(rest)};
      const double radius = std::sqrt(-2.0 * std::log(u));
      const auto q = static_cast<std::size_t>(quarter);
      CHECK(std::abs(pair.first[0] - radius * c[q % 4]) <= 5e-16 * radius);
      CHECK(std::abs(pair.second[0] - radius * c[(q + 3) % 4]) <= 5e-16 * radius);
    }
  }
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
