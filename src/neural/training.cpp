#include "solvers/dsb/training.hpp"

#include <algorithm>
#include <cmath>

#include "neural/optimizer.hpp"
#include "neural/regression.hpp"
#include "solvers/dsb/trajectory_cache.hpp"

namespace otbridge {
namespace {

constexpr Index ceil_divide(Index a, Index b) { return (a + b - 1) / b; }

// Targets are of order sqrt(N) at most, so a loss this far above the first one is a runaway.
constexpr double kRunaway = 1e3;

}  // namespace

HalfStep fit_reversal(const DriftDesign& frame, const DsbSettings& settings, const Measure& start,
                      const DriftNetwork& chain, DriftNetwork& fitted, Direction fitted_direction,
                      double learning_rate, const RandomStream& stream,
                      const TrainingWatch& watch) {
  const Mlp<float>& network = fitted.network();
  Flat<float> weights =
      fitted.fitted() ? fitted.weights() : network.initial_parameters(stream.fork(0));
  WeightAverage<float> average(weights, settings.ema);
  Adam<float> adam(network.parameter_count());
  Flat<float> gradient(network.parameter_count());

  // Passes of equal length, each over a cache of just the paths that it uses up.
  const Index pairs = std::max<Index>(1, settings.batch / 2), steps = frame.grid.steps();
  const Index thinning = std::min(settings.thinning, steps);
  const Index passes =
      ceil_divide(settings.training_steps * pairs * thinning, settings.trajectories * steps);
  const Index pass_length = ceil_divide(settings.training_steps, passes);
  const Index paths = ceil_divide(pass_length * pairs * thinning, steps);

  Regression<float> regression(network, 2 * pairs);
  Rows<float> inputs(2 * pairs, network.inputs()), targets(2 * pairs, network.outputs());
  TrajectoryCache cache;
  HalfStep result;
  double first_loss = -1.0, pass_loss = 0.0;
  Index step = 0;
  for (Index pass = 0; step < settings.training_steps && !result.ended; ++pass) {
    const RandomStream draws = stream.fork(static_cast<std::uint64_t>(pass) + 1);
    cache.fill(frame, chain, fitted, opposite(fitted_direction), start->sample(paths, draws),
               thinning, draws.fork(1));
    if (!cache.finite()) return {result.loss, StopReason::diverged};
    pass_loss = 0.0;
    Index b = 0;
    for (; b < pass_length && step < settings.training_steps && !result.ended; ++b, ++step) {
      cache.batch(b, inputs, targets);
      const double loss = regression.evaluate(weights, inputs, targets, gradient);
      if (first_loss < 0.0) first_loss = loss;
      if (!(loss <= kRunaway * (1.0 + first_loss))) return {loss, StopReason::diverged};
      clip_norm(gradient, settings.clip);
      adam.step(weights, gradient, cosine_rate(learning_rate, step, settings.training_steps));
      average.add(weights);
      pass_loss += loss;
      result.ended =
          watch(static_cast<double>(step + 1) / static_cast<double>(settings.training_steps));
    }
    result.loss = pass_loss / static_cast<double>(b);
  }
  if (!average.value().allFinite()) return {result.loss, StopReason::diverged};
  fitted.set_weights(average.value());
  return result;
}

}  // namespace otbridge
