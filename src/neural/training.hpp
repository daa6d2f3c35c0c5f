// Training: fits a drift network to pairs (time, state) -> drift that a source simulates.
//
// min over weights of E |net(input) - target|^2, by Adam or SOAP on batches, in passes: each pass
// fills a cache with fresh pairs and uses every one of them once. The source decides what is
// learnt, a method of learning drifts is a source.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "neural/pair_cache.hpp"
#include "neural/training_state.hpp"
#include "otbridge/neural/settings.hpp"

namespace otbridge {

// Simulates paths of a process and says what the drift should be at their states.
class PairSource {
 public:
  virtual ~PairSource() = default;
  // N: a path stored at every one of its steps gives this many pairs.
  virtual Index path_steps() const = 0;
  // One pass: simulates the paths and fills the cache with use.pairs(path_steps()) pairs. A pure
  // function of its arguments; all draws come from the stream, and its bytes must not depend on
  // the number of threads or ranks, all of which call it.
  virtual void fill(const ThinnedPaths& use, const RandomStream& stream,
                    PairCache& cache) const = 0;
};

enum class TrainingOutcome {
  finished,  // all steps were made
  stopped,   // the watch asked for the end; the network has what was learnt by then. Or another
             // training beside it diverged, and it is as before
  diverged,  // not a number, or a loss growing without bound; the network is as before
};

struct TrainingResult {
  double loss = 0.0;  // mean over the last pass, in the network's units
  TrainingOutcome outcome = TrainingOutcome::finished;
};

// Asked after every optimiser step, with the fraction of the training done; false ends it there,
// and must be the answer on all ranks. The state of the training is then that of the step.
using TrainingWatch = std::function<bool(double fraction)>;

// Before the first step: the weights of `network` where it has any (warm start), else random ones.
TrainingState start_training(const DriftNetwork& network, const TrainingSettings& settings,
                             const RandomStream& stream);

// A network, what it learns from, and where its training is.
struct Training {
  DriftNetwork& network;
  TrainingState& state;
  const PairSource& source;
  // In the place of that of the settings, which a method that trains again and again may lower.
  double learning_rate;
  RandomStream stream;
};

// Trains networks side by side, of one shape each and at the same step, every step of all of them
// at once: so there is more work for threads between two moments at which they wait for each other.
// Each goes on from its state, the state of every later step in its place, and leaves the averaged
// weights in its network: the same bytes, wherever it was cut, as if it were trained alone. Where
// one diverges the others are stopped, and their networks too are as before. Ranks share gradients
// where there are groups of rows enough for all of their threads. Time: settings.steps
// batches, forward and backward, and the simulation of the paths they use up. Memory:
// training_bytes() for each.
std::vector<TrainingResult> train(std::span<const Training> trainings,
                                  const TrainingSettings& settings, const TrainingWatch& proceed);
// One alone.
TrainingResult train(const Training& training, const TrainingSettings& settings,
                     const TrainingWatch& proceed);
// From its start, at the rate of the settings.
TrainingResult train(DriftNetwork& network, const PairSource& source,
                     const TrainingSettings& settings, const RandomStream& stream,
                     const TrainingWatch& proceed);

// The bytes that train() takes for a network, from above: the largest cache and the paths that fill
// it, weights, and gradients of every shard; not what threads work on, tiles of rows. The same for
// any number of ranks; those that share the filling of the cache send its inputs, which for that
// while stand there twice.
double training_bytes(Index dimension, Index path_steps, const NetworkSettings& network,
                      const TrainingSettings& settings);

}  // namespace otbridge
