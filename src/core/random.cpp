#include "otbridge/core/random.hpp"

#include <Random123/philox.h>

#include <numeric>

#include "core/normal_loops.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr std::uint32_t low(std::uint64_t v) { return static_cast<std::uint32_t>(v); }
constexpr std::uint32_t high(std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); }

// 52 random bits, the upper ones of 64, centred in their cell so that neither 0 nor 1 can be
// returned: no normal is beyond 8.6 deviations.
double open_unit(std::uint32_t a, std::uint32_t b) {
  const std::uint64_t bits = (static_cast<std::uint64_t>(a) << 32 | b) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

// The normals of the first `count` blocks; one gives both components of a pair.
void find_normals(const PairPlaces& places, std::size_t count, Index step,
                  std::array<std::uint32_t, 2> key, NumberPairs& normals) {
  static const NormalLoops& loops = *available_normal_loops(0);
  loops.uniforms(places, count, low(static_cast<std::uint64_t>(step)), key[0], key[1], normals);
  loops.box_muller(count, normals);
}

// begin, begin + 1, ..., end - 1.
std::vector<Index> run_of_rows(Index begin, Index end) {
  std::vector<Index> rows(to_size(end - begin));
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter,
                                           std::array<std::uint32_t, 2> key) {
  const r123::Philox4x32::ctr_type in{{counter[0], counter[1], counter[2], counter[3]}};
  const r123::Philox4x32::key_type k{{key[0], key[1]}};
  const auto out = r123::Philox4x32()(in, k);
  return {out[0], out[1], out[2], out[3]};
}

// Keys are themselves Philox outputs, so that nearby seeds and purposes give unrelated streams.
RandomStream::RandomStream(std::uint64_t seed, Purpose purpose)
    : RandomStream(
          RandomStream({low(seed), high(seed)}).fork(static_cast<std::uint64_t>(purpose))) {}

RandomStream RandomStream::fork(std::uint64_t tag) const {
  // No draw has step and block 2^32 - 1, so that no draw of this stream is the key of another.
  const auto block = philox4x32_10({low(tag), high(tag), 0xffffffffU, 0xffffffffU}, key_);
  return RandomStream({block[0], block[1]});
}

std::array<double, 2> RandomStream::uniform_pair(Index row, Index step, Index block) const {
  const auto r = static_cast<std::uint64_t>(row);
  // The counter is the place of the draw: row 64 bits, step 32, block (pair of components) 32.
  const auto bits = philox4x32_10({low(r), high(r), low(static_cast<std::uint64_t>(step)),
                                   low(static_cast<std::uint64_t>(block))},
                                  key_);
  return {open_unit(bits[0], bits[1]), open_unit(bits[2], bits[3])};
}

double RandomStream::uniform(Index row, Index step, Index component) const {
  return uniform_pair(row, step, component / 2)[to_size(component % 2)];
}

double RandomStream::normal(Index row, Index step, Index component) const {
  PairPlaces place{};
  place.row[0] = static_cast<std::uint64_t>(row);
  place.block[0] = static_cast<std::uint64_t>(component / 2);
  NumberPairs pair;
  find_normals(place, 1, step, key_, pair);
  return component % 2 == 0 ? pair.first[0] : pair.second[0];
}

void RandomStream::fill_normal(Index row, Index step, std::span<double> out) const {
  fill_normal(std::span(&row, 1), step, static_cast<Index>(out.size()), out.data());
}

Points RandomStream::normals(std::span<const Index> rows, Index step, Index d) const {
  Points z(static_cast<Index>(rows.size()), d);
  fill_normal(rows, step, d, z.data());
  return z;
}

void RandomStream::fill_normal(std::span<const Index> rows, Index step, Index width,
                               double* out) const {
  const double* const end = out + static_cast<Index>(rows.size()) * width;
  const Index blocks = (width + 1) / 2;
  PairPlaces places{};  // what the loops do beyond the last pair is of numbers too
  NumberPairs normals;
  auto row = rows.begin();
  Index drawn = 0, stored = 0;  // blocks and components of a row
  while (out != end) {
    // Pairs of any rows go together.
    std::size_t count = 0;
    for (; count < kPairsTogether && row != rows.end(); ++count) {
      places.row[count] = static_cast<std::uint64_t>(*row);
      places.block[count] = static_cast<std::uint64_t>(drawn);
      if (++drawn == blocks) {
        drawn = 0;
        ++row;
      }
    }
    find_normals(places, count, step, key_, normals);
    for (std::size_t i = 0; i < count; ++i) {
      *out++ = normals.first[i];
      if (++stored < width) {
        *out++ = normals.second[i];
        ++stored;
      }
      if (stored == width) stored = 0;
    }
  }
}

Index RandomStream::below(Index bound, Index row, Index step, Index component) const {
  return static_cast<Index>(uniform(row, step, component) * static_cast<double>(bound));
}

Points normal_points(Index n, Index d, const RandomStream& stream, Index step, Index first_row) {
  Points z(n, d);
  // Chunks long enough that starting one costs nothing beside its logarithms.
  parallel_for(n, 1024, [&](Index begin, Index end, Index) {
    z.middleRows(begin, end - begin) =
        stream.normals(run_of_rows(first_row + begin, first_row + end), step, d);
  });
  return z;
}

std::vector<Index> permutation(Index n, const RandomStream& stream) {
  std::vector<Index> order(to_size(n));
  std::iota(order.begin(), order.end(), Index{0});
  // Fisher, Yates 1938, downwards: place i is exchanged with one of 0 .. i.
  for (Index i = n - 1; i > 0; --i) {
    std::swap(order[to_size(i)], order[to_size(stream.below(i + 1, i, 0, 0))]);
  }
  return order;
}

}  // namespace otbridge
