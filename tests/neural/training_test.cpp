#include "neural/training.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <new>
#include <numeric>
#include <set>

#include "../thread_ranks.hpp"
#include "designs.hpp"
#include "otbridge/core/parallel.hpp"

using namespace otbridge;

namespace {

// The drift x A + c, whatever the time, at normal states; the two rows of a pair see it with +-
// noise, so that the best regression on the state is x A + c itself.
class LinearDrift final : public PairSource {
 public:
  explicit LinearDrift(Index steps) : steps_(steps) {}

  static Points at(const Points& x) {
    return (x * Eigen::Matrix2d{{-2.0, 0.5}, {1.0, 0.3}}).rowwise() + RowVector{{1.0, -1.0}};
  }

  Index path_steps() const override { return steps_; }
  void fill(const ThinnedPaths& use, const RandomStream& stream, PairCache& cache) const override {
    uses.push_back(use);
    cache.resize(use.pairs(steps_));
    const double bad = uses.size() == broken_pass ? std::numeric_limits<double>::quiet_NaN() : 0.0;
    Index stored = 0;
    for (Index j = 0; j < steps_; ++j) {
      const Index kept = use.count(j);
      const auto slice = cache.slice(static_cast<double>(j) / static_cast<double>(steps_));
      const Points x = normal_points(kept, 2, stream, j);
      const Points noise = 3.0 * normal_points(kept, 2, stream.fork(7), j);
      const Points drift = at(x).array() + bad;
      for (Index i = 0; i < kept; ++i, ++stored) {
        cache.store(2 * stored, slice, x.row(i), drift.row(i) + noise.row(i));
        cache.store(2 * stored + 1, slice, x.row(i), drift.row(i) - noise.row(i));
      }
    }
  }

  mutable std::vector<ThinnedPaths> uses;  // of each pass
  std::size_t broken_pass = 0;             // counted from 1: its drifts are not numbers

 private:
  Index steps_;
};

TrainingSettings short_training() {
  TrainingSettings settings;
  settings.steps = 600;
  settings.batch = 128;
  settings.learning_rate = 1e-2;
  settings.ema = 0.95;
  return settings;
}

constexpr auto kGoOn = [](double) { return true; };

// Root mean square over states of the difference from the drift of the source.
double error_of(const DriftNetwork& network, double t) {
  const Points x = normal_points(2000, 2, RandomStream(11));
  return (network.at(t, x) - LinearDrift::at(x)).norm() / std::sqrt(2000.0);
}

}  // namespace

TEST_CASE("training finds the regression of a source, here a linear drift") {
  DriftNetwork network(plane_design(0.0, 10), Direction::forward);
  const LinearDrift source(10);
  const TrainingSettings settings = short_training();
  const TrainingResult result = train(network, source, settings, RandomStream(1), kGoOn);
  CHECK(result.outcome == TrainingOutcome::finished);
  CHECK(result.loss > 0.0);
  REQUIRE(network.fitted());
  // Of root mean square size 2.7 over standard normal states, 2.6 from the untrained network.
  // Trained on 77000 rows of noise 3 the largest error over 10 seeds was 0.39.
  for (const double t : {0.0, 0.5, 0.9}) CHECK(error_of(network, t) < 0.8);

  // A second training starts from these weights: after one step it is still as good.
  TrainingSettings one = settings;
  one.steps = 1;
  one.learning_rate = 1e-4;
  train(network, source, one, RandomStream(2), kGoOn);
  CHECK(error_of(network, 0.5) < 0.8);
}

TEST_CASE("training is the same bytes for any number of threads") {
  TrainingSettings settings = short_training();
  settings.steps = 20;
  std::string precision = "single";
  const auto trained = [&](int threads) -> Flat<float> {
    const ThreadScope scope(threads);
    auto deep = std::make_shared<DriftDesign>(*plane_design(0.0, 10));
    deep->network.hidden = {8, 8};
    deep->network.precision = precision;
    DriftNetwork network(std::move(deep), Direction::forward);
    train(network, LinearDrift(10), settings, RandomStream(1), kGoOn);
    return network.weights();
  };
  const Flat<float> expected = trained(1);
  CHECK(trained(2) == expected);
  CHECK(trained(5) == expected);
  precision = "mixed";
  const Flat<float> mixed = trained(1);
  CHECK(trained(2) == mixed);
  CHECK(trained(5) == mixed);
  // Where the processor has no such products, single precision.
  CHECK((mixed == expected) == (kernels::select_kernel_set().network_f32.mixed == nullptr));
}

namespace {

// Counts what all ranks together are sent.
class CountingExchange final : public Exchange {
 public:
  CountingExchange(ThreadRanks& all, int rank) : exchange_(all, rank) {}
  int rank() const override { return exchange_.rank(); }
  int ranks() const override { return exchange_.ranks(); }
  void all_gather(std::byte* all, std::span<const std::size_t> sizes) override {
    bytes += std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
    exchange_.all_gather(all, sizes);
  }
  void broadcast(std::byte* all, std::size_t size) override { exchange_.broadcast(all, size); }

  std::size_t bytes = 0;

 private:
  ThreadExchange exchange_;
};

}  // namespace

TEST_CASE("ranks share the gradients of trainings, where all of their threads have a group") {
  TrainingSettings settings = short_training();
  settings.steps = 20;
  struct Trained {
    Flat<float> first, second;
    double loss = 0.0, second_loss = 0.0;
    bool operator==(const Trained&) const = default;
  };
  const auto trained = [&] {
    const LinearDrift source(10);
    DriftNetwork first(plane_design(0.0, 10), Direction::forward),
        second(plane_design(0.0, 10), Direction::backward);
    TrainingState state = start_training(first, settings, RandomStream(1)),
                  other = start_training(second, settings, RandomStream(2));
    const std::array both{Training{first, state, source, 1e-2, RandomStream(1)},
                          Training{second, other, source, 1e-3, RandomStream(2)}};
    train(both, settings, [](double fraction) { return fraction < 0.3; });
    const auto results = train(both, settings, kGoOn);
    return Trained{first.weights(), second.weights(), results[0].loss, results[1].loss};
  };
  struct Case {
    Index batch;
    int ranks, threads;  // of the first rank; the others have one more
    bool shared;
  };
  // Of either training four groups; the last of 440 rows is less than a tile.
  for (const Case& c : {Case{500, 2, 1, true}, Case{440, 3, 1, true}, Case{500, 2, 4, true},
                        Case{500, 2, 5, false}, Case{500, 5, 1, false}}) {
    CAPTURE(c.batch);
    CAPTURE(c.ranks);
    CAPTURE(c.threads);
    settings.batch = c.batch;
    const Trained alone = trained();
    ThreadRanks all(c.ranks);
    std::vector<std::size_t> bytes(to_size(c.ranks));
    std::vector<Trained> found(to_size(c.ranks));
    {
      std::vector<std::jthread> threads;
      for (int rank = 0; rank < c.ranks; ++rank) {
        threads.emplace_back([&, rank] {
          const ThreadScope scope(c.threads + (rank > 0 ? 1 : 0));
          CountingExchange exchange(all, rank);
          work_together(exchange, [&] { found[to_size(rank)] = trained(); });
          bytes[to_size(rank)] = exchange.bytes;
        });
      }
    }
    const std::size_t gradients = 20 * 8 * sizeof(float) * to_size(alone.first.size());
    for (int rank = 0; rank < c.ranks; ++rank) {
      CHECK(found[to_size(rank)] == alone);
      CHECK((bytes[to_size(rank)] > gradients) == c.shared);
    }
  }
}

TEST_CASE("on ranks a training that diverges does so on all, and a failure is thrown on all") {
  TrainingSettings settings = short_training();
  settings.batch = 500;
  settings.steps = 20;
  const auto outcomes = results_on_ranks(2, [&] {
    const ThreadScope one(1);
    LinearDrift broken(10);
    broken.broken_pass = 1;
    DriftNetwork network(plane_design(0.0, 10), Direction::forward);
    return train(network, broken, settings, RandomStream(1), kGoOn).outcome;
  });
  CHECK(outcomes == std::vector<TrainingOutcome>(2, TrainingOutcome::diverged));
  const auto failures = on_ranks(2, [&](int rank) {
    const ThreadScope one(1);
    DriftNetwork network(plane_design(0.0, 10), Direction::forward);
    train(network, LinearDrift(10), settings, RandomStream(1), [&](double fraction) {
      if (rank == 1 && fraction > 0.5) throw std::bad_alloc();
      return true;
    });
  });
  for (const auto& failure : failures)
    CHECK_THROWS_AS(std::rethrow_exception(failure), std::bad_alloc);
}

TEST_CASE("a pass draws just the paths that it uses up, and no more than may be held") {
  TrainingSettings settings = short_training();
  settings.steps = 50;
  settings.trajectories = 300;
  settings.thinning = 4;
  DriftNetwork network(plane_design(0.0, 10), Direction::forward);
  const LinearDrift source(10);
  train(network, source, settings, RandomStream(1), kGoOn);
  // 50 batches of 64 pairs from paths of 10 / 4 pairs: 1280 paths, so 5 passes of 256.
  REQUIRE(source.uses.size() == 5);
  for (const ThinnedPaths& use : source.uses) {
    CHECK(use.paths == 256);
    CHECK(use.thinning == 4);
    CHECK(use.pairs(10) == 640);
  }
  // Thinner than a pair per path is not asked for.
  settings.thinning = 100;
  const LinearDrift thin(10);
  train(network, thin, settings, RandomStream(1), kGoOn);
  for (const ThinnedPaths& use : thin.uses) CHECK(use.thinning == 10);
}

TEST_CASE("the watch ends a training, which keeps what was learnt") {
  DriftNetwork network(plane_design(0.0, 10), Direction::forward);
  double last = 0.0;
  const TrainingResult result =
      train(network, LinearDrift(10), short_training(), RandomStream(1), [&](double fraction) {
        CHECK(fraction > last);
        last = fraction;
        return fraction < 0.1;
      });
  CHECK(result.outcome == TrainingOutcome::stopped);
  CHECK(last == 0.1);  // 60 of 600 steps
  CHECK(network.fitted());
  // After the last step there is nothing left to end.
  const TrainingResult whole = train(network, LinearDrift(10), short_training(), RandomStream(1),
                                     [&](double fraction) { return fraction < 1.0; });
  CHECK(whole.outcome == TrainingOutcome::finished);
}

TEST_CASE("gradients are cut to the bound on their norm, and no others") {
  TrainingSettings settings = short_training();
  settings.steps = 1;
  settings.optimizer = "adam";
  settings.ema = 0.0;
  const LinearDrift source(10);
  const auto moved = [&](double clip) {
    settings.clip = clip;
    DriftNetwork network(plane_design(0.0, 10), Direction::forward);
    const Flat<float> start = start_training(network, settings, RandomStream(1)).weights;
    train(network, source, settings, RandomStream(1), kGoOn);
    return (network.weights() - start).norm();
  };
  // Adam's first step is rate g / (|g| + 1e-8) in each weight, whatever the size of g; but not
  // where it is below 1e-8.
  CHECK(moved(1e-12) < 1e-2 * moved(0.0));
  CHECK(moved(1e-12) > 0.0);
  CHECK(moved(1e6) == moved(0.0));
}

TEST_CASE("the bytes of a training: pairs of the largest cache, weights for every tile") {
  TrainingSettings settings;
  settings.batch = 512;
  settings.steps = 60 * 2000000 / 256;  // one pass
  settings.trajectories = 2000000;
  settings.thinning = 1;
  const NetworkSettings network{{4}, 16};
  // 2e6 paths of 60 pairs: two rows of 2 + 16 + 2 numbers, 4 bytes each.
  const double cache = 2e6 * 60.0 * 2.0 * 20.0 * 4.0;
  CHECK(training_bytes(2, 60, network, settings) > cache);
  CHECK(training_bytes(2, 60, network, settings) < 1.1 * cache);
  settings.thinning = 60;
  // Beside it five states of every path, in double, come to half as much.
  CHECK(training_bytes(2, 60, network, settings) > 1.4 * cache / 60.0);
  CHECK(training_bytes(2, 60, network, settings) < 1.7 * cache / 60.0);
  // Of few paths, the weights: 4096^2 and a little, a gradient for each 64 rows.
  settings.trajectories = 1;
  settings.batch = 64 * 100;
  const double weights = 4.0 * 4096.0 * 4096.0;
  const double bytes = training_bytes(2, 60, {{4096, 4096}, 16}, settings);
  CHECK(bytes > 110.0 * weights);
  CHECK(bytes < 130.0 * weights);
}

TEST_CASE("a training that goes on from any of its states ends with the same bytes and loss") {
  TrainingSettings settings = short_training();
  settings.steps = 50;
  settings.trajectories = 300;  // passes of 13, 13, 13 and 11 steps
  settings.thinning = 3;
  const auto network = [] { return DriftNetwork(plane_design(0.0, 10), Direction::forward); };
  const LinearDrift source(10);
  std::vector<TrainingState> states;
  DriftNetwork whole = network();
  TrainingState state = start_training(whole, settings, RandomStream(1));
  states.push_back(state);
  const TrainingResult expected =
      train({whole, state, source, 1e-2, RandomStream(1)}, settings, [&](double) {
        states.push_back(state);
        return true;
      });
  REQUIRE(source.uses.size() > 2);
  REQUIRE(states.size() == 51);
  for (const TrainingState& start : states) {
    DriftNetwork resumed = network();
    TrainingState copy = start;
    const TrainingResult result =
        train({resumed, copy, source, 1e-2, RandomStream(1)}, settings, kGoOn);
    CHECK(resumed.weights() == whole.weights());
    CHECK(result.loss == expected.loss);
    CHECK(result.outcome == TrainingOutcome::finished);
  }
}

TEST_CASE("networks trained side by side are those trained alone, with their losses, cut or not") {
  TrainingSettings settings = short_training();
  settings.steps = 50;
  settings.trajectories = 300;  // several passes
  const auto network = [](Direction direction) {
    return DriftNetwork(plane_design(0.0, 10), direction);
  };
  const LinearDrift source(10);
  DriftNetwork alone = network(Direction::forward), other_alone = network(Direction::backward);
  const double loss = train(alone, source, settings, RandomStream(1), kGoOn).loss;
  TrainingSettings slower = settings;
  slower.learning_rate = 1e-3;
  const double other_loss = train(other_alone, source, slower, RandomStream(2), kGoOn).loss;
  for (const int threads : {1, 3}) {
    const ThreadScope scope(threads);
    DriftNetwork first = network(Direction::forward), second = network(Direction::backward);
    TrainingState state = start_training(first, settings, RandomStream(1)),
                  other = start_training(second, settings, RandomStream(2));
    const std::array both{Training{first, state, source, 1e-2, RandomStream(1)},
                          Training{second, other, source, 1e-3, RandomStream(2)}};
    train(both, settings, [](double fraction) { return fraction < 0.3; });
    CHECK(state.step == 15);
    CHECK(other.step == 15);
    const auto results = train(both, settings, kGoOn);
    CHECK(first.weights() == alone.weights());
    CHECK(second.weights() == other_alone.weights());
    REQUIRE(results.size() == 2);
    CHECK(results[0].loss == loss);
    CHECK(results[1].loss == other_loss);
  }
}

TEST_CASE("where one of two trainings diverges both networks stay as they were") {
  TrainingSettings settings = short_training();
  settings.trajectories = 2000;  // several passes
  for (const std::size_t pass : {1U, 2U}) {
    LinearDrift broken(10);
    broken.broken_pass = pass;
    const LinearDrift whole(10);
    DriftNetwork first(plane_design(0.0, 10), Direction::forward),
        second(plane_design(0.0, 10), Direction::backward);
    TrainingState state = start_training(first, settings, RandomStream(1)),
                  other = start_training(second, settings, RandomStream(2));
    const auto results = train(std::array{Training{first, state, whole, 1e-2, RandomStream(1)},
                                          Training{second, other, broken, 1e-2, RandomStream(2)}},
                               settings, kGoOn);
    CHECK(results[0].outcome == TrainingOutcome::stopped);
    CHECK(results[1].outcome == TrainingOutcome::diverged);
    CHECK_FALSE(first.fitted());  // whatever the first pass taught it
    CHECK_FALSE(second.fitted());
  }
}

TEST_CASE("a training that diverges leaves the network as it was") {
  TrainingSettings settings = short_training();
  settings.trajectories = 2000;  // several passes
  LinearDrift broken(10);
  for (const std::size_t pass : {1U, 2U}) {
    broken.broken_pass = pass;
    broken.uses.clear();
    DriftNetwork network(plane_design(0.0, 10), Direction::forward);
    CHECK(train(network, broken, settings, RandomStream(1), kGoOn).outcome ==
          TrainingOutcome::diverged);
    CHECK(broken.uses.size() == pass);
    CHECK_FALSE(network.fitted());
  }
  DriftNetwork network(plane_design(0.0, 10), Direction::forward);
  settings.learning_rate = 1e4;
  CHECK(train(network, LinearDrift(10), settings, RandomStream(1), kGoOn).outcome ==
        TrainingOutcome::diverged);
  CHECK_FALSE(network.fitted());
}

TEST_CASE("thinned paths: every path at every thinning-th step, evenly over paths and steps") {
  for (const Index thinning : {1, 3, 7}) {
    const ThinnedPaths use{10, thinning};
    Index stored = 0;
    for (Index j = 0; j < 8; ++j) {
      std::set<Index> expected, found;
      for (Index i = 0; i < 10; ++i) {
        if ((i + j) % thinning == 0) expected.insert(i);
      }
      for (Index k = 0; k < use.count(j); ++k) found.insert(use.first(j) + k * thinning);
      CHECK(found == expected);
      stored += use.count(j);
    }
    CHECK(use.pairs(8) == stored);
  }
  CHECK(ThinnedPaths{2, 5}.count(1) == 0);  // path 4 would be the first
}

TEST_CASE("one pass uses every pair, and its order is shuffled") {
  const DriftNetwork network(plane_design(0.0, 5), Direction::forward);
  PairCache cache(network);
  cache.resize(200);
  const auto slice = network.slice(0.0);
  for (Index row = 0; row < 400; ++row) {
    const double value = 0.01 * static_cast<double>(row - 200);  // near enough to be told apart
    cache.store(row, slice, RowVector{{value, 0.0}}, RowVector::Zero(2));
  }
  CHECK(cache.finite());
  cache.shuffle(RandomStream(1));
  Rows<float> inputs(2 * 32, 6), targets(2 * 32, 2);
  std::set<float> seen;
  bool in_order = true;
  for (Index b = 0; b < 7; ++b) {  // 6.25 batches
    cache.batch(32 * b, inputs, targets);
    for (Index i = 0; i < 64; i += 2) {
      seen.insert(inputs(i, 0));
      // Source mean 0 and time 0: the input is the state over its spread, rising with the row.
      CHECK(inputs(i, 0) < inputs(i + 1, 0));
      if (i > 0 && inputs(i, 0) < inputs(i - 1, 0)) in_order = false;
    }
  }
  CHECK(seen.size() == 200);
  CHECK_FALSE(in_order);
}
