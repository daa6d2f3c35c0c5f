// Pairs per second of one Sinkhorn half step (row sums), for every instruction set and precision.
//
// Usage: bench_sinkhorn_pass [points] [dimension] [seconds per measurement] [threads]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels/kernel_set.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/core/random.hpp"

namespace {

using namespace otbridge;

// The best of repeated passes: other work on the machine only ever slows a pass down.
template <class T>
double pairs_per_second(const kernels::KernelSet& set, Index n, Index d, double seconds) {
  const Points x = normal_points(n, d, RandomStream(1)), y = normal_points(n, d, RandomStream(2));
  const auto at = [](Index i) { return static_cast<std::size_t>(i); };
  const auto tile = static_cast<Index>(kernels::kTile);
  const Index tiles = (n + tile - 1) / tile;
  std::vector<T> rows(at(n * d)), shifts(at(n));
  std::vector<kernels::Tile<T>> columns(at(tiles * d)), levels(at(tiles));
  for (auto& some : levels) {
    for (T& level : some.values) level = kernels::kPaddedLevel<T>;
  }
  for (Index i = 0; i < n; ++i) {
    shifts[at(i)] = -static_cast<T>(x.row(i).squaredNorm());
    levels[at(i / tile)].values[i % tile] = T(-14) - static_cast<T>(y.row(i).squaredNorm());
    for (Index k = 0; k < d; ++k) {
      rows[at(i * d + k)] = static_cast<T>(x(i, k));
      columns[at(i / tile * d + k)].values[i % tile] = static_cast<T>(y(i, k));
    }
  }
  const kernels::Columns<T> cloud{columns.data(), levels.data(), at(d)};
  const kernels::TileRange all{0, at(tiles)};
  std::vector<double> sums(at(n));
  using Clock = std::chrono::steady_clock;
  const auto started = Clock::now();
  double best = 1e300;
  do {
    const auto before = Clock::now();
    parallel_for(n, tile, [&](Index begin, Index end, Index) {
      const kernels::Rows<T> part{rows.data() + begin * d, shifts.data() + begin, at(end - begin)};
      kernels::table<T>(set).row_sums(cloud, {&all, 1}, part, sums.data() + begin);
    });
    best = std::min(best, std::chrono::duration<double>(Clock::now() - before).count());
  } while (std::chrono::duration<double>(Clock::now() - started).count() < seconds);
  return static_cast<double>(n) * static_cast<double>(n) / best;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int k, double fallback) {
    return argc > k ? std::atof(argv[k]) : fallback;
  };
  const auto n = static_cast<Index>(argument(1, 20000));
  const auto d = static_cast<Index>(argument(2, 2));
  const double seconds = argument(3, 1.0);
  const ThreadScope scope(static_cast<int>(argument(4, 0)));
  std::printf("n = m = %td, d = %td, %d threads; 1e9 pairs per second, best pass in %g s\n", n, d,
              current_threads(), seconds);
  for (kernels::Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    std::printf("%-9s single %6.2f  double %6.2f\n", set->name,
                pairs_per_second<float>(*set, n, d, seconds) * 1e-9,
                pairs_per_second<double>(*set, n, d, seconds) * 1e-9);
  }
}
