#include "neural/training.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/kernel_set.hpp"
#include "neural/regression.hpp"

namespace otbridge {
namespace {

constexpr Index ceil_divide(Index a, Index b) { return (a + b - 1) / b; }

// Targets are of order sqrt(N) at most, so a loss this far above the first one is a runaway.
constexpr double kRunaway = 1e3;

// Passes of equal length, each over a cache of just the paths that it uses up, and as few of them
// as hold at most settings.trajectories paths.
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

}  // namespace

TrainingState start_training(const DriftNetwork& network, const TrainingSettings& settings,
                             const RandomStream& stream) {
  const Mlp<float>& mlp = network.network();
  return {mlp, network.fitted() ? network.weights() : mlp.initial_parameters(stream.fork(0)),
          settings};
}

TrainingResult train(DriftNetwork& network, TrainingState& state, const PairSource& source,
                     const TrainingSettings& settings, double learning_rate,
                     const RandomStream& stream, const TrainingWatch& proceed) {
  const Mlp<float>& mlp = network.network();
  const PassPlan plan(settings, source.path_steps());

  // Everything of a step's size is allocated here, once.
  Regression<float> regression(mlp, 2 * plan.pairs);
  Rows<float> inputs(2 * plan.pairs, mlp.inputs()), targets(2 * plan.pairs, mlp.outputs());
  Flat<float> gradient(mlp.parameter_count());
  PairCache cache(network);

  TrainingOutcome outcome = TrainingOutcome::finished;
  const auto diverged = [](double loss) -> TrainingResult {
    return {loss, TrainingOutcome::diverged};
  };
  const auto going_on = [&] {
    return state.step < settings.steps && outcome == TrainingOutcome::finished;
  };
  // Mean over the pass of the last step.
  const auto mean_loss = [&] {
    const Index steps = state.step > 0 ? (state.step - 1) % plan.length + 1 : 1;
    return state.pass_loss / static_cast<double>(steps);
  };
  while (going_on()) {
    const Index pass = state.step / plan.length;
    const RandomStream draws = stream.fork(static_cast<std::uint64_t>(pass) + 1);
    source.fill({plan.paths, plan.thinning}, draws, cache);
    if (!cache.finite()) return diverged(mean_loss());
    cache.shuffle(draws.fork(1).fork(1));

    // In the middle of a pass only where a training goes on there.
    Index b = state.step % plan.length;
    if (b == 0) state.pass_loss = 0.0;
    for (; b < plan.length && going_on(); ++b) {
      cache.batch(b, inputs, targets);
      const double loss = regression.evaluate(state.weights, inputs, targets, gradient);
      if (!state.first_loss) state.first_loss = loss;
      // Negated, so that a loss that is not a number counts as a runaway.
      if (!(loss <= kRunaway * (1.0 + *state.first_loss))) return diverged(loss);
      clip_norm(gradient, settings.clip);
      state.optimizer.step(state.weights, gradient,
                           cosine_rate(learning_rate, state.step, settings.steps), &state.average);
      ++state.step;
      state.pass_loss += loss;
      if (!proceed(static_cast<double>(state.step) / static_cast<double>(settings.steps))) {
        outcome = TrainingOutcome::stopped;
      }
    }
  }
  if (!state.average.value().allFinite()) return diverged(mean_loss());
  network.set_weights(state.average.value());
  return {mean_loss(), outcome};
}

TrainingResult train(DriftNetwork& network, const PairSource& source,
                     const TrainingSettings& settings, double learning_rate,
                     const RandomStream& stream, const TrainingWatch& proceed) {
  TrainingState state = start_training(network, settings, stream);
  return train(network, state, source, settings, learning_rate, stream, proceed);
}

std::string network_kernels() { return kernels::select_kernel_set().name; }

double training_bytes(Index dimension, Index path_steps, const NetworkSettings& network,
                      const TrainingSettings& settings) {
  const auto size = [](Index n) { return static_cast<double>(n); };  // products may pass 2^63
  const double pairs = std::min(0.5 * size(settings.steps) * size(settings.batch),
                                size(settings.trajectories) * size(path_steps));
  // Two rows of single precision each.
  const double pair_bytes = 8.0 * size(2 * dimension + network.time_features);
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
  // Weights, average, gradient, two moments, gradient and step in the bases and two matrices
  // beside; then a gradient for every shard. Of each side its square, its basis, and that packed
  // twice.
  return pairs * pair_bytes + 16.0 * bases +
         4.0 * parameters * (10.0 + size(settings.batch) / size(kTileRows));
}

}  // namespace otbridge
