#include "solvers/dsb_cache.hpp"

#include "otbridge/core/parallel.hpp"

namespace otbridge {

void TrajectoryCache::fill(const DsbFrame& frame, const DriftNetwork& chain,
                           const DriftNetwork& fitted, Direction direction, ConstPoints start,
                           const RandomStream& stream) {
  const Index n = start.rows(), d = start.cols(), steps = frame.grid.steps();
  inputs_.resize(2 * n * steps, fitted.network().inputs());
  targets_.resize(2 * n * steps, d);
  const ChainNoise noise{frame.reference.epsilon(), stream.fork(0)};

  Points x = start;
  Points arrivals(2 * n, d);
  for (Index j = 0; j < steps; ++j) {
    const ChainStep step = chain_step(frame.grid, j, direction);
    const double t = frame.grid.time(step.from), h = step.length;
    const Points drift = chain.at(t, x);
    const Points mean = x + h * drift;  // F(X)
    x = euler_step(x, drift, h, j, noise);
    arrivals.topRows(n) = x;
    arrivals.bottomRows(n) = 2.0 * mean - x;
    const Points drift_there = chain.at(t, arrivals);  // f(t, X'), at the time label of f

    const auto slice = fitted.slice(frame.grid.time(step.to));
    parallel_for(n, 256, [&](Index begin, Index end, Index) {
      for (Index i = begin; i < end; ++i) {
        for (const Index branch : {0, 1}) {
          const auto there = arrivals.row(branch * n + i);
          const RowVector target =
              (mean.row(i) - there) / h - drift_there.row(branch * n + i);  // (F(X) - F(X')) / h
          const Index row = 2 * (j * n + i) + branch;
          slice.encode(there, inputs_.row(row));
          targets_.row(row) = slice.output_for(there, target).cast<float>();
        }
      }
    });
  }
  order_ = permutation(n * steps, stream.fork(1));
}

void TrajectoryCache::batch(Index b, Rows<float>& inputs, Rows<float>& targets) const {
  const Index rows = inputs.rows() / 2;
  for (Index p = 0; p < rows; ++p) {
    const Index pair = order_[static_cast<std::size_t>((b * rows + p) % pairs())];
    inputs.middleRows(2 * p, 2) = inputs_.middleRows(2 * pair, 2);
    targets.middleRows(2 * p, 2) = targets_.middleRows(2 * pair, 2);
  }
}

}  // namespace otbridge
