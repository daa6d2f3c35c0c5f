#include "sde/euler_maruyama.hpp"

#include <cmath>
#include <utility>

#include "otbridge/core/parallel.hpp"

namespace otbridge {

Points arrive(ConstPoints mean, double length, Index j, const ChainNoise& noise) {
  const double deviation = noise.sign * std::sqrt(noise.epsilon * length);
  Points next(mean.rows(), mean.cols());
  // 256 rows: enough work for a thread, and the draws do not depend on it.
  parallel_for(mean.rows(), 256, [&](Index begin, Index end, Index) {
    Eigen::RowVectorXd z(mean.cols());
    for (Index i = begin; i < end; ++i) {
      noise.stream.fill_normal(noise.row(i), j, {z.data(), to_size(z.size())});
      next.row(i) = mean.row(i) + deviation * z;
    }
  });
  return next;
}

Points simulate_chain(const StepGrid& grid, const BatchDrift& drift, ConstPoints start,
                      Direction direction, const ChainNoise& noise, const ChainVisitor& visit) {
  const Index n = grid.steps();
  Points x = start;
  for (Index j = 0; j < n; ++j) {
    // Step k of the grid lies between its nodes k and k + 1; a backward chain takes the last first.
    const bool forward = direction == Direction::forward;
    const Index k = forward ? j : n - 1 - j;
    const Index from = forward ? k : k + 1, to = forward ? k + 1 : k;
    const double h = grid.length(k);
    const Points mean = x + h * drift(grid.time(from), x);
    Points next = arrive(mean, h, j, noise);
    if (visit) visit({j, from, to, h, x, mean, next});
    x = std::move(next);
  }
  return x;
}

}  // namespace otbridge
