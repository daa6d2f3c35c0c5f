// Seconds of one training step of a network, and the part of this machine's product peak that it
// keeps; paths x steps per second of the chain of a drift network: draws, network and Euler's step.
//
// Usage: bench_neural [dimension] [batch] [rounds] [threads]
// The peak is that of a loop of multiply-adds on registers alone, on as many threads. A step is
// loss, gradient, clipping, Adam and the average of the weights, on the same batch again and again;
// "mixed" is the same in mixed precision, where the kernel set has that; of the chain too.
// "tables": the chain of five times as many paths by tables of the drift, which are made in that
// time; the network is a smooth function, as of random weights of He et al. 2015. All of it
// alternates, round by round, so that other work on the machine meets all; medians, and of step and
// peak the best round too.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "bare_loop.hpp"
#include "neural/drift_tables.hpp"
#include "neural/regression.hpp"
#include "neural/soap.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/core/random.hpp"

namespace {

using namespace otbridge;

constexpr Index kTimeFeatures = 16;
constexpr Index kChains = 20000, kChainSteps = 100, kTabulatedChains = 100000;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

template <class Work>
double seconds_of(int repeats, Work&& work) {
  using Clock = std::chrono::steady_clock;
  const auto before = Clock::now();
  for (int k = 0; k < repeats; ++k) work();
  return std::chrono::duration<double>(Clock::now() - before).count() / repeats;
}

bench::ProductLoop product_loop(std::string_view set) {
#ifdef OTBRIDGE_X86_KERNELS
  if (set.starts_with("avx512")) return bench::avx512::bare_products;
  if (set == "avx2") return bench::avx2::bare_products;
#endif
  return bench::baseline::bare_products;
}

// Multiply-adds per second of all threads, registers alone.
double product_peak(bench::ProductLoop loop) {
  constexpr double kSteps = 1 << 16;
  const auto threads = static_cast<Index>(current_threads());
  std::vector<double> products(to_size(threads));
  const double seconds = seconds_of(1, [&] {
    parallel_for(threads, 1, [&](Index, Index, Index thread) {
      products[to_size(thread)] = loop(static_cast<kernels::Size>(kSteps));
    });
  });
  double total = 0.0;
  for (const double count : products) total += count;
  return total / seconds;
}

class TrainingStep {
 public:
  TrainingStep(Index d, Index batch, Index width, ProductPrecision precision)
      : network_(d + kTimeFeatures, {width, width}, d),
        regression_(network_, batch, precision),
        weights_(network_.initial_parameters(RandomStream(1))),
        inputs_(normal_points(batch, d + kTimeFeatures, RandomStream(2)).cast<float>()),
        targets_(normal_points(batch, d, RandomStream(3)).cast<float>()),
        gradient_(weights_.size()),
        adam_(weights_.size(), network_.blocks(), false),
        average_(weights_, 0.999) {
    regression_.pack(weights_);
    // Forward, by the weights, and by the activations of all layers but the first.
    products_ =
        static_cast<double>(batch) * (2.0 * products(d + kTimeFeatures, width) +
                                      3.0 * products(width, width) + 3.0 * products(width, d));
  }

  double products() const { return products_; }  // multiply-adds of a step
  // As a training makes it (src/neural/training.cpp), from rows that are there.
  void run() {
    parallel_for(regression_.shards(), 1, [&](Index k, Index, Index) {
      const Index begin = regression_.shard_begin(k), rows = regression_.shard_rows(k);
      regression_.shard(k, inputs_.middleRows(begin, rows), targets_.middleRows(begin, rows));
    });
    const double squares = parallel_sum(gradient_.size(), kFlatChunk, [&](Index begin, Index end) {
      return regression_.add_gradients(begin, end, gradient_);
    });
    const auto step = adam_.next_step(1e-3, clipping(std::sqrt(squares), 1.0), &average_);
    parallel_for(adam_.parts(), 1, [&](Index k, Index, Index) {
      adam_.step_part(step, k, gradient_, weights_, &average_);
      regression_.pack(adam_.place(k), weights_);
    });
  }

 private:
  static double products(Index in, Index out) { return static_cast<double>(in * out); }

  Mlp<float> network_;
  Regression<float> regression_;
  Flat<float> weights_;
  Rows<float> inputs_, targets_;
  Flat<float> gradient_;
  Soap<float> adam_;  // without bases
  WeightAverage<float> average_;
  double products_;
};

DriftNetwork drift_network(Index d, Index width, const char* precision) {
  const MeanVariances moments{RowVector::Zero(d), RowVector::Ones(d)};
  auto design = std::make_shared<DriftDesign>(
      DriftDesign{ReferenceProcess(1.0), StepGrid::uniform(kChainSteps), moments, moments, {}});
  design->network.hidden = {width, width};
  design->network.time_features = kTimeFeatures;
  design->network.precision = precision;
  DriftNetwork drift(design, Direction::forward);
  Flat<float> weights = drift.network().initial_parameters(RandomStream(4));
  const MatrixPlace last = drift.network().matrices().back();  // zero, as those begin
  weights.segment(last.offset, width * d) =
      normal_points(width * d, 1, RandomStream(7)).cast<float>() /
      std::sqrt(static_cast<float>(width));
  drift.set_weights(weights);
  return drift;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int k, int fallback) {
    return argc > k ? std::atoi(argv[k]) : fallback;
  };
  const Index d = argument(1, 2), batch = argument(2, 512);
  const int rounds = argument(3, 15);
  const ThreadScope scope(argument(4, 0));
  if (d < 1 || batch < 1 || rounds < 1) {
    std::fprintf(stderr, "usage: bench_neural [dimension] [batch] [rounds] [threads]\n");
    return 2;
  }
  const auto& set = kernels::select_kernel_set();
  const bench::ProductLoop loop = product_loop(set.name);
  const Points x = normal_points(kTabulatedChains, d, RandomStream(5));
  const bool has_mixed = set.network_f32.mixed != nullptr;
  std::printf("dimension %td, batch %td, %s, %d threads, median of %d rounds\n", d, batch, set.name,
              current_threads(), rounds);
  std::printf(
      "          step, ms       part of the peak       1e9 multiply-adds/s   mixed, ms          "
      "1e6 paths x steps/s\n");
  std::printf(
      "hidden   median    best  median    best         step    peak  median    best    single   "
      "mixed  tables\n");
  for (const Index width : {64, 128, 256}) {
    TrainingStep step(d, batch, width, ProductPrecision::single);
    TrainingStep mixed(d, batch, width, ProductPrecision::mixed);
    const DriftNetwork drift = drift_network(d, width, "single"),
                       mixed_drift = drift_network(d, width, "mixed");
    const auto chain_rate = [&](const DriftNetwork& network, Index chains, bool tables) {
      const StepGrid& grid = network.design().grid;
      return static_cast<double>(chains * kChainSteps) / seconds_of(1, [&] {
               simulate_chain(network, grid,
                              tables ? tabulated_moments(network) : network_moments(network, grid),
                              x.topRows(chains), {1.0, RandomStream(6)});
             });
    };
    const int repeats = static_cast<int>(4 + 1e9 / step.products());
    std::vector<double> seconds, peaks, parts, chains, mixed_seconds, mixed_chains, tabulated;
    for (int round = 0; round < rounds; ++round) {
      peaks.push_back(product_peak(loop));
      seconds.push_back(seconds_of(repeats, [&] { step.run(); }));
      mixed_seconds.push_back(has_mixed ? seconds_of(repeats, [&] { mixed.run(); }) : std::nan(""));
      parts.push_back(step.products() / seconds.back() / peaks.back());
      chains.push_back(chain_rate(drift, kChains, false));
      mixed_chains.push_back(has_mixed ? chain_rate(mixed_drift, kChains, false) : std::nan(""));
      tabulated.push_back(chain_rate(drift, kTabulatedChains, true));
    }
    std::printf("%3tdx%-3td %8.3f %7.3f %7.3f %7.3f %12.1f %7.1f %7.3f %7.3f %9.2f %7.2f %7.2f\n",
                width, width, 1e3 * median(seconds), 1e3 * std::ranges::min(seconds), median(parts),
                step.products() / std::ranges::min(seconds) / std::ranges::max(peaks),
                1e-9 * step.products() / median(seconds), 1e-9 * median(peaks),
                1e3 * median(mixed_seconds), 1e3 * std::ranges::min(mixed_seconds),
                1e-6 * median(chains), 1e-6 * median(mixed_chains), 1e-6 * median(tabulated));
  }
}
