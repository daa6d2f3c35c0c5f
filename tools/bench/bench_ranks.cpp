// A solve by Sinkhorn on the ranks of mpirun, taken apart for the model of ranks.py: what the ranks
// share, what each repeats, what they exchange, and what an exchange alone takes.
//
// Usage: mpirun -n RANKS bench_ranks [points] [epsilon, relative]
// As many points of either cloud, moons and 8gaussians, a thread to a rank. Prints JSON. Of one
// rank it has the seconds alone, since nothing is shared then.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "otbridge/core/error.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/ranks/mpi_exchange.hpp"
#include "otbridge/solvers/sinkhorn.hpp"
#include "peak_memory.hpp"
#include "sweep/tiled_cloud.hpp"

namespace {

using namespace otbridge;

// Of the calling thread: what others do on the machine meanwhile is not in it.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// A shared loop, and what follows until the next one. All numbers are doubles, for one array of it.
struct Step {
  double rows = 0.0, chunks = 0.0;                // the loop's; chunks of this rank
  double repeated = 0.0, shared = 0.0;            // processor seconds before it and in it
  double words = 0.0, arrays = 0.0, bytes = 0.0;  // exchanges of next to nothing, others, of all
  double exchanging = 0.0;                        // seconds, with the wait for the last rank
};

// Watches a computation from below. The library asks for the rank where the share of a loop begins,
// polls before each of its chunks, and meets the others at the end: anything else is not shared.
class Watch final : public Exchange {
 public:
  // `whole`: points of a cloud. Of loops over as many rows the profile has each chunk's seconds.
  Watch(Exchange& inner, Index whole)
      : inner_(inner),
        whole_(whole),
        poll_([this] {
          if (asked_) chunks_.push_back(processor_seconds());
        }),
        profile_(to_size(chunk_count(whole, kTileSize)), 0.0) {}

  int rank() const override {
    if (!asked_) asked_ = processor_seconds();
    return inner_.rank();
  }
  int ranks() const override { return inner_.ranks(); }
  void all_gather(std::byte* all, std::span<const std::size_t> sizes) override {
    const double began = leave();
    inner_.all_gather(all, sizes);
    if (++since_loop_ == 2) learn_rows(sizes);
    arrive(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}), began);
  }
  void broadcast(std::byte* bytes, std::size_t size) override {
    const double began = leave();
    inner_.broadcast(bytes, size);
    arrive(size, began);
  }

  // After all is done.
  std::vector<Step> steps() {
    leave();
    return steps_;
  }
  const std::vector<double>& profile() const { return profile_; }

 private:
  // The end of what this rank computed since the last exchange.
  double leave() {
    const double now = processor_seconds();
    if (!chunks_.empty()) {
      steps_.push_back({.chunks = static_cast<double>(chunks_.size()),
                        .repeated = *asked_ - resumed_,
                        .shared = now - *asked_});
      chunks_.push_back(now);
      loop_ = std::exchange(chunks_, {});
      since_loop_ = 0;
    } else {
      steps_.back().repeated += now - resumed_;
    }
    return wall_seconds();
  }

  void arrive(std::size_t bytes, double began) {
    constexpr std::size_t kWord = 64;  // bytes of a rank
    Step& step = steps_.back();
    const bool word = bytes <= kWord * to_size(Index{ranks()});
    (word ? step.words : step.arrays) += 1.0;
    if (!word) step.bytes += static_cast<double>(bytes);
    step.exchanging += wall_seconds() - began;
    asked_.reset();
    chunks_.clear();
    resumed_ = processor_seconds();
  }

  // The first array after a loop has a double for each of its rows, but for few loops.
  void learn_rows(std::span<const std::size_t> sizes) {
    const auto rows_of = [&](std::size_t from, std::size_t to) {
      const auto some = sizes.subspan(from, to - from);
      return static_cast<Index>(std::accumulate(some.begin(), some.end(), std::size_t{0}) /
                                sizeof(double));
    };
    const std::size_t rank = to_size(Index{inner_.rank()});
    const Index rows = rows_of(0, sizes.size()), mine = rows_of(rank, rank + 1);
    steps_.back().rows = static_cast<double>(rows);
    const auto chunks = static_cast<Index>(loop_.size()) - 1;
    if (rows != whole_ || chunks != chunk_count(mine, kTileSize)) return;
    for (std::size_t k = 0; k + 1 < loop_.size(); ++k)  // dealt out in turn
      profile_[rank + k * sizes.size()] += loop_[k + 1] - loop_[k];
  }

  Exchange& inner_;
  Index whole_;
  PollScope poll_;
  mutable std::optional<double> asked_;  // when the rank was first asked for since an exchange
  std::vector<double> chunks_, loop_;    // when the chunks began; of the last loop, with its end
  int since_loop_ = 2;                   // exchanges
  double resumed_ = processor_seconds();
  std::vector<Step> steps_{Step{}};
  std::vector<double> profile_;
};

// Of all ranks, one after the other.
template <class T>
std::vector<T> gathered(Exchange& exchange, const std::vector<T>& mine) {
  const auto ranks = to_size(Index{exchange.ranks()}), rank = to_size(Index{exchange.rank()});
  std::vector<T> all(ranks * mine.size());
  std::ranges::copy(mine, all.begin() + static_cast<std::ptrdiff_t>(rank * mine.size()));
  const std::vector<std::size_t> sizes(ranks, mine.size() * sizeof(T));
  exchange.all_gather(reinterpret_cast<std::byte*>(all.data()), sizes);
  return all;
}

// Seconds of an exchange of so many bytes in all, medians.
Json exchanges(Exchange& exchange) {
  Json measured = Json::array();
  for (const std::size_t each : {24U, 1000U, 10000U, 100000U, 1000000U, 10000000U}) {
    const int rounds = each < 1000000 ? 101 : 11;
    std::vector<std::byte> mine(each);
    std::vector<double> seconds;
    for (int k = 0; k < rounds; ++k) {
      const std::vector<std::size_t> sizes(to_size(Index{exchange.ranks()}), each);
      std::vector<std::byte> all(each * sizes.size());
      const double began = wall_seconds();
      exchange.all_gather(all.data(), sizes);
      seconds.push_back(wall_seconds() - began);
    }
    std::ranges::nth_element(seconds, seconds.begin() + rounds / 2);
    measured.push_back({{"bytes", each * to_size(Index{exchange.ranks()})},
                        {"seconds", seconds[to_size(Index{rounds / 2})]}});
  }
  return measured;
}

// Loops of as many rows in as many chunks together: sums over them, repeated seconds of a rank on
// average, exchanging ones of the rank that waited least.
Json loops_of(const std::vector<Step>& all, std::size_t ranks) {
  struct Sum {
    Index count = 0;
    Step total;
  };
  const std::size_t steps = all.size() / ranks;
  std::map<std::pair<double, double>, Sum> kinds;
  for (std::size_t k = 0; k < steps; ++k) {
    Step step = all[k];
    for (std::size_t r = 1; r < ranks; ++r) {
      const Step& other = all[r * steps + k];
      step.chunks += other.chunks;
      step.shared += other.shared;
      step.repeated += other.repeated;
      step.exchanging = std::min(step.exchanging, other.exchanging);
    }
    Sum& sum = kinds[{step.rows, step.chunks}];
    ++sum.count;
    sum.total.repeated += step.repeated / static_cast<double>(ranks);
    sum.total.shared += step.shared;
    sum.total.words += step.words;
    sum.total.arrays += step.arrays;
    sum.total.bytes += step.bytes;
    sum.total.exchanging += step.exchanging;
  }
  Json loops = Json::array();
  for (const auto& [kind, sum] : kinds) {
    loops.push_back({{"rows", kind.first},
                     {"chunks", kind.second},
                     {"count", sum.count},
                     {"repeated", sum.total.repeated},
                     {"shared", sum.total.shared},
                     {"words", sum.total.words},
                     {"arrays", sum.total.arrays},
                     {"bytes", sum.total.bytes},
                     {"exchanging", sum.total.exchanging}});
  }
  return loops;
}

Json measure(Exchange& exchange, Index points, double epsilon_relative) {
  const Measure source = Toy("moons@torchcfm"), target = Toy("8gaussians@torchcfm");
  SolveContext context;
  context.threads = 1;
  const double epsilon = epsilon_relative * relative_unit(source, target, context.seed);
  const TransportProblem problem(source, target, ReferenceProcess(epsilon));
  SinkhornSettings settings;
  settings.samples = points;

  Json result = {{"points", points}, {"ranks", exchange.ranks()}, {"epsilon", epsilon}};
  if (exchange.ranks() > 1) result["exchanges"] = exchanges(exchange);
  Watch watch(exchange, points);
  std::optional<Solution> solution;
  const double began = wall_seconds();
  work_together(watch, [&] { solution = solve_sinkhorn(problem, settings, context); });
  result["seconds"] = wall_seconds() - began;
  result["iterations"] = solution->report.iterations;
  result["peak_mib"] = peak_mib().value_or(0.0);
  if (exchange.ranks() == 1) return result;
  const auto steps = gathered(exchange, watch.steps());
  const auto profiles = gathered(exchange, watch.profile());
  result["loops"] = loops_of(steps, to_size(Index{exchange.ranks()}));
  std::vector<double> profile(watch.profile().size(), 0.0);
  for (std::size_t k = 0; k < profiles.size(); ++k) profile[k % profile.size()] += profiles[k];
  result["profile"] = profile;
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  int provided = 0, failed = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  try {
    MpiExchange exchange(MPI_COMM_WORLD);
    const Index points = argc > 1 ? std::atoi(argv[1]) : 20000;
    const double epsilon_relative = argc > 2 ? std::atof(argv[2]) : 0.01;
    if (points < 1 || !(epsilon_relative > 0.0)) {
      throw InvalidInput("usage", "mpirun -n RANKS bench_ranks [points] [epsilon, relative]");
    }
    const Json result = measure(exchange, points, epsilon_relative);
    if (exchange.rank() == 0) std::printf("%s\n", result.dump().c_str());
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_ranks: %s\n", failure.what());
    failed = 1;
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  MPI_Finalize();
  return failed;
}
