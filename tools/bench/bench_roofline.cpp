// Pairs per second of a Sinkhorn half step beside those of a bare loop on the same cores: how much
// of what the arithmetic alone allows the pass keeps, for every instruction set and precision.
//
// Usage: bench_roofline [points] [dimension, 2 or 3] [rounds] [threads]
// The two alternate, round by round, so that other work on the machine meets both; medians.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "bare_loop.hpp"
#include "kernels/kernel_set.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/core/random.hpp"
#include "sweep/tiled_cloud.hpp"

namespace {

using namespace otbridge;
using kernels::Size;

constexpr double kLevel = -14.0;  // of all columns: sums of the order of 1

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const Size middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

template <class Work>
double seconds_of(Work&& work) {
  using Clock = std::chrono::steady_clock;
  const auto before = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - before).count();
}

// Row sums of all pairs, as the solver takes them: clouds in memory, parallel over tiles of rows.
template <class T>
class Pass {
 public:
  Pass(const kernels::KernelSet& set, const TiledCloud& x, const TiledCloud& y)
      : table_(kernels::table<T>(set)),
        x_(x),
        y_(y),
        shifts_(to_size(x.size())),
        levels_(as_tiles<T>(kLevel - y.squares().array(), kernels::kPaddedLevel<T>)),
        sums_(to_size(x.size())) {
    for (Index i = 0; i < x.size(); ++i) shifts_[to_size(i)] = static_cast<T>(-x.squares()[i]);
  }

  double pairs() const { return static_cast<double>(x_.size()) * static_cast<double>(y_.size()); }

  void run() {
    const kernels::Columns<T> columns{y_.columns<T>().data(), levels_.data(),
                                      to_size(y_.dimension())};
    const kernels::TileRange all{0, levels_.size()};
    parallel_for(x_.size(), kTileSize, [&](Index begin, Index end, Index) {
      const kernels::Rows<T> part{x_.rows<T>().data() + begin * x_.dimension(),
                                  shifts_.data() + begin, to_size(end - begin)};
      table_.row_sums(columns, {&all, 1}, part, sums_.data() + begin);
    });
  }

 private:
  const kernels::KernelTable<T>& table_;
  const TiledCloud &x_, &y_;
  std::vector<T> shifts_;
  std::vector<kernels::Tile<T>> levels_;
  std::vector<double> sums_;
};

// The loop over the same few rows again and again: they stay in the first-level cache.
template <class T>
class Bare {
 public:
  Bare(const bench::BareLoop<T>& loop, Index d, double pairs) : loop_(loop) {
    const Points x = normal_points(kRows, d, RandomStream(1));
    const Points y = normal_points(static_cast<Index>(loop.columns), d, RandomStream(2));
    rows_.assign(x.data(), x.data() + x.size());
    for (Size j = 0; j < loop.columns; ++j) {
      levels_[j] = static_cast<T>(kLevel);
      for (Index k = 0; k < d; ++k) {
        columns_[to_size(k) * loop.columns + j] = static_cast<T>(y(static_cast<Index>(j), k));
      }
    }
    chunks_ = 1 + static_cast<Index>(pairs / pairs_per_chunk());
    sums_.resize(to_size(chunks_));
  }

  double pairs() const { return static_cast<double>(chunks_) * pairs_per_chunk(); }

  void run() {
    parallel_for(chunks_, 1, [&](Index chunk, Index, Index) {
      T sum = 0;
      for (int k = 0; k < kRepeats; ++k) sum += loop_.sum(rows_.data(), kRows, columns_, levels_);
      sums_[to_size(chunk)] = sum;
    });
  }

 private:
  static constexpr Index kRows = 512;
  static constexpr int kRepeats = 64;
  static constexpr Size kMostColumns = 128;

  double pairs_per_chunk() const {
    return static_cast<double>(kRows) * kRepeats * static_cast<double>(loop_.columns);
  }

  const bench::BareLoop<T>& loop_;
  Index chunks_ = 0;
  std::vector<T> rows_, sums_;
  alignas(64) T columns_[3 * kMostColumns] = {}, levels_[kMostColumns] = {};
};

template <class T>
const bench::BareLoop<T>* bare_loops(std::string_view set, Size d) {
#ifdef OTBRIDGE_X86_KERNELS
  if (set.starts_with("avx512")) return bench::avx512::bare_loops<T>(d);
  if (set == "avx2") return bench::avx2::bare_loops<T>(d);
#endif
  return bench::baseline::bare_loops<T>(d);
}

// The columns of one precision for one set.
template <class T>
void measure(const kernels::KernelSet& set, const TiledCloud& x, const TiledCloud& y, int rounds) {
  Pass<T> pass(set, x, y);
  const bench::BareLoop<T>* loops = bare_loops<T>(set.name, to_size(x.dimension()));
  std::vector<Bare<T>> bare;
  bare.reserve(bench::kBareLoops);
  for (Size v = 0; v < bench::kBareLoops; ++v) {
    bare.emplace_back(loops[v], x.dimension(), pass.pairs() / 4);
  }
  std::vector<double> pass_rates, ratios;
  std::vector<std::vector<double>> bare_rates(bare.size());
  for (int round = 0; round < rounds; ++round) {
    pass_rates.push_back(pass.pairs() / seconds_of([&] { pass.run(); }));
    for (Size v = 0; v < bare.size(); ++v) {
      bare_rates[v].push_back(bare[v].pairs() / seconds_of([&] { bare[v].run(); }));
    }
  }
  // The bare loop is the fastest of its shapes, by the median.
  Size best = 0;
  for (Size v = 1; v < bare.size(); ++v) {
    if (median(bare_rates[v]) > median(bare_rates[best])) best = v;
  }
  for (Size round = 0; round < pass_rates.size(); ++round) {
    ratios.push_back(pass_rates[round] / bare_rates[best][round]);
  }
  std::printf("  %6.2f %6.2f %6.3f %7zu", median(pass_rates) * 1e-9,
              median(bare_rates[best]) * 1e-9, median(ratios), loops[best].columns);
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int k, int fallback) {
    return argc > k ? std::atoi(argv[k]) : fallback;
  };
  const Index n = argument(1, 20000), d = argument(2, 2);
  const int rounds = argument(3, 15);
  const ThreadScope scope(argument(4, 0));
  if (n < 1 || d < 2 || d > 3 || rounds < 1) {
    std::fprintf(stderr, "usage: bench_roofline [points] [2 or 3] [rounds] [threads]\n");
    return 2;
  }
  const TiledCloud x(normal_points(n, d, RandomStream(1)), 1.0, false);
  const TiledCloud y(normal_points(n, d, RandomStream(2)), 1.0, false);
  std::printf("n = m = %td, d = %td, %d threads, median of %d rounds; 1e9 pairs per second\n", n, d,
              current_threads(), rounds);
  std::printf("%-12s  %-29s  %s\n%-12s", "", "single", "double", "set");
  for (int k = 0; k < 2; ++k) std::printf("  %6s %6s %6s %7s", "pass", "bare", "ratio", "columns");
  std::printf("\n");
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    // avx512_bf16 has the pairs of avx512, which comes next.
    if (const auto* next = kernels::available_kernel_set(k + 1);
        next != nullptr && next->f32.row_sums == set->f32.row_sums) {
      continue;
    }
    std::printf("%-12s", set->name);
    measure<float>(*set, x, y, rounds);
    measure<double>(*set, x, y, rounds);
    std::printf("\n");
  }
}
