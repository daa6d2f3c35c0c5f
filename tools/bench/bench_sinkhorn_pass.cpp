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
  const auto padding = static_cast<Index>(kernels::kPadding);
  const Index padded = (n + padding - 1) / padding * padding;
  std::vector<T> rows(static_cast<std::size_t>(n * d)), shifts(static_cast<std::size_t>(n), T(0));
  std::vector<T> columns(static_cast<std::size_t>(padded * d), T(0));
  std::vector<T> levels(static_cast<std::size_t>(padded), static_cast<T>(kernels::kPaddedLevel));
  auto reduced = levels;
  for (Index i = 0; i < n; ++i) {
    const auto at = static_cast<std::size_t>(i);
    levels[at] = T(-14);
    reduced[at] = T(-14) - static_cast<T>(y.row(i).squaredNorm());
    for (Index k = 0; k < d; ++k) {
      rows[static_cast<std::size_t>(i * d + k)] = static_cast<T>(x(i, k));
      columns[static_cast<std::size_t>(k * padded + i)] = static_cast<T>(y(i, k));
    }
  }
  const kernels::Columns<T> cloud{columns.data(), levels.data(), reduced.data(),
                                  static_cast<kernels::Size>(padded),
                                  static_cast<kernels::Size>(d)};
  std::vector<double> sums(static_cast<std::size_t>(n));
  using Clock = std::chrono::steady_clock;
  const auto started = Clock::now();
  double best = 1e300;
  do {
    const auto before = Clock::now();
    parallel_for(n, 64, [&](Index begin, Index end, Index) {
      const kernels::Rows<T> part{rows.data() + begin * d, shifts.data() + begin,
                                  static_cast<kernels::Size>(end - begin)};
      kernels::table<T>(set).row_sums(cloud, part, sums.data() + begin);
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
