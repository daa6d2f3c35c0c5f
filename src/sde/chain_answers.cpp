#include "sde/chain_answers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace otbridge {

std::vector<Index> rows_by_content(ConstPoints x) {
  std::vector<Index> rows;
  for (Index i = 0; i < x.rows(); ++i) {
    // The bits of each coordinate, mixed under the key that the ones before it gave.
    std::array<std::uint32_t, 2> key{0, 0};
    for (const double coordinate : x.row(i)) {
      const auto bits = std::bit_cast<std::uint64_t>(coordinate + 0.0);  // -0 counts as 0
      const auto mixed = philox4x32_10(
          {static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32), 0, 0}, key);
      key = {mixed[0], mixed[1]};
    }
    // 63 bits: a row number is not negative.
    rows.push_back(static_cast<Index>((static_cast<std::uint64_t>(key[0]) << 31) ^ key[1]));
  }
  return rows;
}

Paths chain_paths(const StepGrid& grid, std::span<const double> times, ConstPoints start,
                  Direction direction, const std::function<void(const ChainVisitor&)>& simulate) {
  Paths paths{{times.begin(), times.end()}, std::vector<Points>(times.size())};
  const auto keep = [&](Index node, ConstPoints state) {
    const auto slot = std::ranges::lower_bound(times, grid.time(node));
    if (slot == times.end() || *slot != grid.time(node)) return;
    paths.at[to_size(slot - times.begin())] = state;
  };
  keep(direction == Direction::forward ? 0 : grid.steps(), start);
  simulate([&](const ChainStep& step) { keep(step.to, step.arrival); });
  return paths;
}

Points chain_mean(ConstPoints start, Index chains, double epsilon,
                  const std::function<Points(const ChainNoise&)>& simulate) {
  const std::vector<Index> rows = rows_by_content(start);
  // Seed 0 for every caller: the mean is a function of the point, not of a run.
  const RandomStream stream(0, Purpose::plan_sample);
  Points sum;
  for (Index k = 0; k < chains; ++k) {
    // Chains 2m and 2m + 1 have the noise +Z and -Z: in their mean what is odd in Z cancels.
    ChainNoise noise{epsilon, stream.fork(static_cast<std::uint64_t>(k / 2))};
    noise.rows = rows;
    noise.sign = k % 2 == 0 ? 1.0 : -1.0;
    if (k == 0) {
      sum = simulate(noise);
    } else {
      sum += simulate(noise);
    }
  }
  return sum / static_cast<double>(chains);
}

}  // namespace otbridge
