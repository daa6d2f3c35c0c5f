#include "solvers/dsb/trajectory_cache.hpp"

#include "otbridge/core/parallel.hpp"

namespace otbridge {

void TrajectoryCache::fill(const DriftDesign& frame, const DriftNetwork& chain,
                           const DriftNetwork& fitted, Direction direction, ConstPoints start,
                           Index thinning, const RandomStream& stream) {
  const Index n = start.rows(), d = start.cols();
  const auto first_row = [&](Index j) { return (thinning - j % thinning) % thinning; };
  const auto kept_rows = [&](Index j) {
    return first_row(j) < n ? (n - first_row(j) + thinning - 1) / thinning : 0;
  };
  Index pairs = 0;
  for (Index j = 0; j < frame.grid.steps(); ++j) pairs += kept_rows(j);
  inputs_.resize(2 * pairs, fitted.network().inputs());
  targets_.resize(2 * pairs, d);

  const ChainNoise noise{frame.reference.epsilon(), stream.fork(0)};
  Points x = start;
  Index stored = 0;
  for (Index j = 0; j < frame.grid.steps(); ++j) {
    const ChainStep step = chain_step(frame.grid, j, direction);
    const double t = frame.grid.time(step.from), h = step.length;
    const Points mean = x + h * chain.at(t, x);  // F(X)

    const Index kept = kept_rows(j);
    const auto rows = Eigen::seqN(first_row(j), kept, thinning);
    const Points departures = x(rows, Eigen::all), means = mean(rows, Eigen::all);
    x = arrive(mean, h, j, noise);
    Points arrivals(2 * kept, d);
    arrivals.topRows(kept) = x(rows, Eigen::all);
    arrivals.bottomRows(kept) = 2.0 * means - arrivals.topRows(kept);

    const auto slice = fitted.slice(frame.grid.time(step.to));
    parallel_for(2 * kept, 256, [&](Index begin, Index end, Index) {
      for (Index i = begin; i < end; ++i) {
        const RowVector target = (departures.row(i % kept) - arrivals.row(i)) / h;
        const Index row = 2 * (stored + i % kept) + i / kept;
        slice.encode(arrivals.row(i), inputs_.row(row));
        targets_.row(row) = slice.output_for(arrivals.row(i), target).cast<float>();
      }
    });
    stored += kept;
  }
  order_ = permutation(pairs, stream.fork(1));
}

void TrajectoryCache::batch(Index b, Rows<float>& inputs, Rows<float>& targets) const {
  const Index rows = inputs.rows() / 2;
  for (Index p = 0; p < rows; ++p) {
    const Index pair = order_[to_size((b * rows + p) % pairs())];
    inputs.middleRows(2 * p, 2) = inputs_.middleRows(2 * pair, 2);
    targets.middleRows(2 * p, 2) = targets_.middleRows(2 * pair, 2);
  }
}

}  // namespace otbridge
