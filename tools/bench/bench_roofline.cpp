// Pairs per second of a Sinkhorn half step beside those of a bare loop on the same cores: how much
// of what the arithmetic alone allows the pass keeps.
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

namespace {

using namespace otbridge;
using kernels::Size;

Size at(Index i) { return static_cast<Size>(i); }

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
class Pass {
 public:
  Pass(const kernels::KernelSet& set, Index n, Index d) : set_(set), n_(n), d_(d) {
    const Points x = normal_points(n, d, RandomStream(1)), y = normal_points(n, d, RandomStream(2));
    const Index tiles = (n + kTile - 1) / kTile;
    rows_.resize(at(n * d));
    shifts_.resize(at(n));
    sums_.resize(at(n));
    columns_.resize(at(tiles * d));
    levels_.resize(at(tiles));
    for (auto& tile : levels_) {
      for (float& level : tile.values) level = kernels::kPaddedLevel<float>;
    }
    for (Index i = 0; i < n; ++i) {
      shifts_[at(i)] = -static_cast<float>(x.row(i).squaredNorm());
      levels_[at(i / kTile)].values[i % kTile] =
          -14.0f - static_cast<float>(y.row(i).squaredNorm());
      for (Index k = 0; k < d; ++k) {
        rows_[at(i * d + k)] = static_cast<float>(x(i, k));
        columns_[at(i / kTile * d + k)].values[i % kTile] = static_cast<float>(y(i, k));
      }
    }
  }

  double pairs() const { return static_cast<double>(n_) * static_cast<double>(n_); }

  void run() {
    const kernels::Columns<float> cloud{columns_.data(), levels_.data(), at(d_)};
    const kernels::TileRange all{0, levels_.size()};
    parallel_for(n_, kTile, [&](Index begin, Index end, Index) {
      const kernels::Rows<float> part{rows_.data() + begin * d_, shifts_.data() + begin,
                                      at(end - begin)};
      set_.f32.row_sums(cloud, {&all, 1}, part, sums_.data() + begin);
    });
  }

 private:
  static constexpr Index kTile = static_cast<Index>(kernels::kTile);

  const kernels::KernelSet& set_;
  Index n_, d_;
  std::vector<float> rows_, shifts_;
  std::vector<kernels::Tile<float>> columns_, levels_;
  std::vector<double> sums_;
};

// The loop over the same few rows again and again: they stay in the first-level cache.
class Bare {
 public:
  Bare(const bench::BareLoop& loop, Index d, double pairs) : loop_(loop) {
    const Points x = normal_points(kRows, d, RandomStream(1));
    const Points y = normal_points(static_cast<Index>(loop.columns), d, RandomStream(2));
    rows_.assign(x.data(), x.data() + x.size());
    for (Size j = 0; j < loop.columns; ++j) {
      levels_[j] = -14.0f;
      for (Index k = 0; k < d; ++k) {
        columns_[at(k) * loop.columns + j] = static_cast<float>(y(static_cast<Index>(j), k));
      }
    }
    chunks_ = 1 + static_cast<Index>(pairs / pairs_per_chunk());
    sums_.resize(at(chunks_));
  }

  double pairs() const { return static_cast<double>(chunks_) * pairs_per_chunk(); }

  void run() {
    parallel_for(chunks_, 1, [&](Index chunk, Index, Index) {
      float sum = 0.0f;
      for (int k = 0; k < kRepeats; ++k) sum += loop_.sum(rows_.data(), kRows, columns_, levels_);
      sums_[at(chunk)] = sum;
    });
  }

 private:
  static constexpr Index kRows = 512;
  static constexpr int kRepeats = 64;
  static constexpr Size kMostColumns = 128;

  double pairs_per_chunk() const {
    return static_cast<double>(kRows) * kRepeats * static_cast<double>(loop_.columns);
  }

  const bench::BareLoop& loop_;
  Index chunks_ = 0;
  std::vector<float> rows_, sums_;
  alignas(64) float columns_[3 * kMostColumns] = {}, levels_[kMostColumns] = {};
};

const bench::BareLoop* bare_loops(std::string_view set, Size d) {
#ifdef OTBRIDGE_X86_KERNELS
  if (set == "avx512") return bench::avx512::bare_loops(d);
  if (set == "avx2") return bench::avx2::bare_loops(d);
#endif
  return bench::baseline::bare_loops(d);
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
  std::printf("n = m = %td, d = %td, single precision, %d threads, median of %d rounds;\n", n, d,
              current_threads(), rounds);
  std::printf("1e9 pairs per second\n%-9s %6s %6s %6s  %s\n", "set", "pass", "bare", "ratio",
              "columns of the bare loop");
  for (Size k = 0; const auto* set = kernels::available_kernel_set(k); ++k) {
    Pass pass(*set, n, d);
    const bench::BareLoop* loops = bare_loops(set->name, at(d));
    std::vector<Bare> bare;
    bare.reserve(bench::kBareLoops);
    for (Size v = 0; v < bench::kBareLoops; ++v) bare.emplace_back(loops[v], d, pass.pairs() / 4);
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
    std::printf("%-9s %6.2f %6.2f %6.3f  %zu\n", set->name, median(pass_rates) * 1e-9,
                median(bare_rates[best]) * 1e-9, median(ratios), loops[best].columns);
  }
}
