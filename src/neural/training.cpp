#include "neural/training.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "neural/regression.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index ceil_divide(Index a, Index b) { return (a + b - 1) / b; }

// Targets are of order sqrt(N) at most, so a loss this far above the first one is a runaway.
constexpr double kRunaway = 1e3;

// Passes of equal length, each over a cache of just the paths that it uses up, and as few of them
// as hold at most settings.trajectories paths, or those of one step if these are more.
struct PassPlan {
  PassPlan(const TrainingSettings& settings, Index path_steps)
      : pairs(std::max<Index>(1, settings.batch / 2)),
        // Thinner than one pair per path would simulate paths that are never used.
        thinning(std::min(settings.thinning, path_steps)) {
    const Index passes = ceil_divide(settings.steps * pairs * thinning,  // path steps needed
                                     settings.trajectories * path_steps);
    length = ceil_divide(settings.steps, passes);
    paths = ceil_divide(length * pairs * thinning, path_steps);
  }

  Index pairs;  // per batch
  Index thinning;
  Index length = 0;  // optimiser steps of a pass; the last may end before
  Index paths = 0;   // simulated for a pass
};

// One of the networks that are trained side by side; everything of a step's size is allocated here,
// once.
class Lane {
 public:
  Lane(const Training& training, const PassPlan& plan, const TrainingSettings& settings,
       Index shard_tiles)
      : at_(training),
        plan_(plan),
        settings_(settings),
        cache_(training.network),
        regression_(network(), 2 * plan.pairs, shard_tiles, training.network.precision()),
        inputs_(2 * plan.pairs, network().inputs()),
        targets_(2 * plan.pairs, network().outputs()),
        gradient_(network().parameter_count()),
        squares_(to_size(chunk_count(gradient_.size(), kFlatChunk))) {
    regression_.pack(state().weights);
  }

  TrainingState& state() const { return at_.state; }
  Index shards() const { return regression_.shards(); }
  Index chunks() const { return static_cast<Index>(squares_.size()); }
  Index parts() const { return state().optimizer.parts(); }

  // Draws the pairs of the pass that the next step is in; false if one is not a number.
  bool begin_pass() {
    const Index pass = state().step / plan_.length;
    const RandomStream draws = at_.stream.fork(static_cast<std::uint64_t>(pass) + 1);
    at_.source.fill({plan_.paths, plan_.thinning}, draws, cache_);
    if (!cache_.finite()) return false;
    cache_.shuffle(draws.fork(1).fork(1));
    if (step_of_pass() == 0) state().pass_loss = 0.0;
    return true;
  }

  // A step is all shards, then all chunks, then begin_move(), then all parts, then end_step().
  void shard(Index k) {
    const Index begin = regression_.shard_begin(k), rows = regression_.shard_rows(k);
    auto inputs = inputs_.middleRows(begin, rows), targets = targets_.middleRows(begin, rows);
    cache_.batch(step_of_pass() * plan_.pairs + begin / 2, inputs, targets);
    regression_.shard(k, inputs, targets);
  }
  // Where shards leave what they found.
  void add_results(std::vector<std::span<float>>& gradients,
                   std::vector<std::span<double>>& losses) {
    for (Index k = 0; k < shards(); ++k) {
      gradients.push_back(regression_.gradient_of(k));
      losses.push_back(regression_.losses_of(k));
    }
  }
  void chunk(Index k) {
    const Index begin = k * kFlatChunk, end = std::min(gradient_.size(), begin + kFlatChunk);
    squares_[to_size(k)] = regression_.add_gradients(begin, end, gradient_);
  }
  // False if the loss runs away; the weights are then as they were.
  bool begin_move() {
    loss_ = regression_.loss();
    if (!state().first_loss) state().first_loss = loss_;
    // Negated, so that a loss that is not a number counts as a runaway.
    if (!(loss_ <= kRunaway * (1.0 + *state().first_loss))) return false;
    double squares = 0.0;
    for (const double part : squares_) squares += part;
    move_ =
        state().optimizer.next_step(cosine_rate(at_.learning_rate, state().step, settings_.steps),
                                    clipping(std::sqrt(squares), settings_.clip), &state().average);
    return true;
  }
  void part(Index k) {
    state().optimizer.step_part(move_, k, gradient_, state().weights, &state().average);
    regression_.pack(state().optimizer.place(k), state().weights);
  }
  void end_step() {
    ++state().step;
    state().pass_loss += loss_;
  }

  double loss() const { return loss_; }
  // Over the pass of the last step.
  double mean_loss() const {
    const Index steps = state().step > 0 ? (state().step - 1) % plan_.length + 1 : 1;
    return state().pass_loss / static_cast<double>(steps);
  }
  bool finite() const { return at_.state.average.value().allFinite(); }
  TrainingResult finish(TrainingOutcome outcome) {
    if (state().step > 0) at_.network.set_weights(state().average.value());
    return {mean_loss(), outcome};
  }

 private:
  const Mlp<float>& network() const { return at_.network.network(); }
  Index step_of_pass() const { return state().step % plan_.length; }

  const Training& at_;
  const PassPlan& plan_;
  const TrainingSettings& settings_;
  PairCache cache_;
  Regression<float> regression_;
  Rows<float> inputs_, targets_;  // of a batch
  Flat<float> gradient_;
  std::vector<double> squares_;  // of the gradient, chunk by chunk
  Soap<float>::Step move_{};
  double loss_ = 0.0;
};

using Lanes = std::vector<std::unique_ptr<Lane>>;

// work(lane, k) for k = 0 .. count(lane) - 1 of all lanes, side by side; shared by ranks where it
// is said what it fills.
template <class Count, class Work>
void for_all(const Lanes& lanes, Count&& count, Work&& work,
             const std::vector<SharedArray>* filled = nullptr) {
  // One lane after the other: what a thread has in its cache is mostly of its next job too.
  std::vector<std::pair<Lane*, Index>> jobs;
  for (const auto& lane : lanes) {
    for (Index k = 0; k < count(*lane); ++k) jobs.emplace_back(lane.get(), k);
  }
  const auto n = static_cast<Index>(jobs.size());
  const auto body = [&](Index job, Index, Index) {
    const auto& [lane, k] = jobs[to_size(job)];
    work(*lane, k);
  };
  if (filled != nullptr) {
    shared_for(n, 1, *filled, body);
  } else {
    parallel_for(n, 1, body);
  }
}

// Whether ranks do the shards of a step together, each of them a group. The gradients of all groups
// are then on their way to all at every step; where a thread has less than a group to do they would
// take longer than the work that is saved.
bool ranks_share(Index groups) {
  return loop_is_shared(groups) && groups >= exchange_ranks() * of_first_rank(current_threads());
}

}  // namespace

TrainingState start_training(const DriftNetwork& network, const TrainingSettings& settings,
                             const RandomStream& stream) {
  const Mlp<float>& mlp = network.network();
  return {mlp, network.fitted() ? network.weights() : mlp.initial_parameters(stream.fork(0)),
          settings};
}

std::vector<TrainingResult> train(std::span<const Training> trainings,
                                  const TrainingSettings& settings, const TrainingWatch& proceed) {
  const PassPlan plan(settings, trainings.front().source.path_steps());
  const Index groups =
      static_cast<Index>(trainings.size()) * Regression<float>::groups(2 * plan.pairs);
  const bool shared = ranks_share(groups);
  const Index shard_tiles =
      shared ? Regression<float>::kGroupTiles : Regression<float>::shard_tiles(groups);
  Lanes lanes;
  std::vector<std::span<float>> gradients;
  std::vector<std::span<double>> losses;
  for (const Training& training : trainings) {
    lanes.push_back(std::make_unique<Lane>(training, plan, settings, shard_tiles));
    lanes.back()->add_results(gradients, losses);
  }
  const std::vector<SharedArray> filled{arrays_of_loop(gradients), arrays_of_loop(losses)};
  const auto step = [&] { return lanes.front()->state().step; };
  // What tore one apart has mostly worn the others out: all networks stay as they were.
  const auto diverged = [&](const Lane& bad, double loss) {
    std::vector<TrainingResult> results;
    for (const auto& lane : lanes) {
      results.push_back(lane.get() == &bad
                            ? TrainingResult{loss, TrainingOutcome::diverged}
                            : TrainingResult{lane->mean_loss(), TrainingOutcome::stopped});
    }
    return results;
  };
  TrainingOutcome outcome = TrainingOutcome::finished;
  const auto going_on = [&] {
    return step() < settings.steps && outcome == TrainingOutcome::finished;
  };
  while (going_on()) {
    for (const auto& lane : lanes) {
      if (!lane->begin_pass()) return diverged(*lane, lane->mean_loss());
    }
    do {
      for_all(
          lanes, [](const Lane& lane) { return lane.shards(); },
          [](Lane& lane, Index k) { lane.shard(k); }, shared ? &filled : nullptr);
      for_all(
          lanes, [](const Lane& lane) { return lane.chunks(); },
          [](Lane& lane, Index k) { lane.chunk(k); });
      for (const auto& lane : lanes) {
        if (!lane->begin_move()) return diverged(*lane, lane->loss());
      }
      for_all(
          lanes, [](const Lane& lane) { return lane.parts(); },
          [](Lane& lane, Index k) { lane.part(k); });
      for (const auto& lane : lanes) lane->end_step();
      const bool goes_on =
          proceed(static_cast<double>(step()) / static_cast<double>(settings.steps));
      // After the last step there is nothing left to stop.
      if (!goes_on && step() < settings.steps) outcome = TrainingOutcome::stopped;
    } while (going_on() && step() % plan.length != 0);
  }
  for (const auto& lane : lanes) {
    if (!lane->finite()) return diverged(*lane, lane->mean_loss());
  }
  std::vector<TrainingResult> results;
  for (const auto& lane : lanes) results.push_back(lane->finish(outcome));
  return results;
}

TrainingResult train(const Training& training, const TrainingSettings& settings,
                     const TrainingWatch& proceed) {
  return train(std::span(&training, 1), settings, proceed).front();
}

TrainingResult train(DriftNetwork& network, const PairSource& source,
                     const TrainingSettings& settings, const RandomStream& stream,
                     const TrainingWatch& proceed) {
  TrainingState state = start_training(network, settings, stream);
  return train({network, state, source, settings.learning_rate, stream}, settings, proceed);
}

double training_bytes(Index dimension, Index path_steps, const NetworkSettings& network,
                      const TrainingSettings& settings) {
  const auto size = [](Index n) { return static_cast<double>(n); };  // products may pass 2^63
  const PassPlan plan(settings, path_steps);
  const double pairs = size(ThinnedPaths{plan.paths, plan.thinning}.pairs(path_steps));
  // Two rows of single precision each, and its place in the order; those of a batch once more.
  const double pair_bytes = 8.0 * size(2 * dimension + network.time_features + 1);
  const double batch_bytes = pair_bytes * size(plan.pairs);
  // In double: of every chain where it started and the four states of a step, of every thinning-th
  // the four that are stored.
  const double path_bytes = 8.0 * (5.0 + 4.0 / size(plan.thinning)) * size(dimension);
  double parameters = 0.0, bases = 0.0;
  Index below = dimension + network.time_features;
  const auto add = [&](Index width) {
    parameters += size(below + 1) * size(width);
    for (const Index side : {below, width}) {
      if (side <= Soap<float>::kLongestSide) bases += size(side) * size(side);
    }
    below = width;
  };
  for (const Index width : network.hidden) add(width);
  add(dimension);
  // Weights, their average, the gradient, two moments, gradient and step in the bases and two
  // matrices beside; packed for the kernels two, in mixed precision two more; of the network, as it
  // was before and as it was best five; then a gradient for every shard. Of each side its square,
  // its basis, and that packed twice.
  const double copies =
      (network.precision == "mixed" ? 18.0 : 16.0) + size(ceil_divide(settings.batch, kTileRows));
  return pairs * pair_bytes + batch_bytes + size(plan.paths) * path_bytes + 16.0 * bases +
         4.0 * copies * parameters;
}

}  // namespace otbridge
