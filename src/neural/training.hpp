// Training: fits a drift network to pairs (time, state) -> drift that a source simulates.
//
// min over weights of E |net(input) - target|^2, by Adam on batches, in passes: each pass fills a
// cache with fresh pairs and uses every one of them once. The source decides what is learnt, a
// method of learning drifts is a source.
#pragma once

#include <functional>

#include "neural/pair_cache.hpp"
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
  // the number of threads.
  virtual void fill(const ThinnedPaths& use, const RandomStream& stream,
                    PairCache& cache) const = 0;
};

enum class TrainingOutcome {
  finished,  // all steps were made
  stopped,   // the watch asked for the end; the network has what was learnt by then
  diverged,  // not a number, or a loss growing without bound; the network is as before
};

struct TrainingResult {
  double loss = 0.0;  // mean over the last pass, in the network's units
  TrainingOutcome outcome = TrainingOutcome::finished;
};

// Asked after every optimiser step, with the fraction of the training done; false ends it there.
using TrainingWatch = std::function<bool(double fraction)>;

// Starts from the weights of `network` where it has any (warm start), and leaves the averaged
// weights there. learning_rate stands for the one of the settings, which a method that trains
// again and again may want to lower. Time: settings.steps batches, forward and backward, and the
// simulation of the paths they use up. Memory: training_bytes().
TrainingResult train(DriftNetwork& network, const PairSource& source,
                     const TrainingSettings& settings, double learning_rate,
                     const RandomStream& stream, const TrainingWatch& proceed);

// A bound on the bytes of train(): the largest cache, and weights and gradients of every shard.
double training_bytes(Index dimension, Index path_steps, const NetworkSettings& network,
                      const TrainingSettings& settings);

}  // namespace otbridge
