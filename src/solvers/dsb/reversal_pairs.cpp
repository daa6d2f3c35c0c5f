#include "solvers/dsb/reversal_pairs.hpp"

#include "otbridge/core/parallel.hpp"

namespace otbridge {

void ReversalPairs::fill(const ThinnedPaths& use, const RandomStream& stream,
                         PairCache& cache) const {
  const StepGrid& grid = design_.grid;
  cache.resize(use.pairs(grid.steps()));
  Index stored = 0;
  const auto store = [&](const ChainStep& step) {
    const Index kept = use.count(step.number), d = step.mean.cols();
    const auto rows = Eigen::seqN(use.first(step.number), kept, use.thinning);
    const Points departures = step.departure(rows, Eigen::all), means = step.mean(rows, Eigen::all);
    // Below each arrival its mirror image, the arrival that -Z would have led to.
    Points arrivals(2 * kept, d);
    arrivals.topRows(kept) = step.arrival(rows, Eigen::all);
    arrivals.bottomRows(kept) = 2.0 * means - arrivals.topRows(kept);

    // The reversed step leaves where the chain arrives.
    const auto slice = cache.slice(grid.time(step.to));
    parallel_for(2 * kept, 256, [&](Index begin, Index end, Index) {
      for (Index i = begin; i < end; ++i) {
        const RowVector target = (departures.row(i % kept) - arrivals.row(i)) / step.length;
        cache.store(2 * (stored + i % kept) + i / kept, slice, arrivals.row(i), target);
      }
    });
    stored += kept;
  };
  // Of streams apart: a law that is made of others forks its own.
  simulate_chain(grid, drift_, start_->sample(use.paths, stream.fork(0)), chain_,
                 {design_.reference.epsilon(), stream.fork(1)}, store);
}

}  // namespace otbridge
