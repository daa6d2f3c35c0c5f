#include "sde/euler_maruyama.hpp"

#include <cmath>
#include <vector>

#include "otbridge/core/parallel.hpp"

namespace otbridge {

ChainStep chain_step(const StepGrid& grid, Index j, Direction direction) {
  if (direction == Direction::forward) return {j, j + 1, grid.length(j)};
  const Index k = grid.steps() - 1 - j;
  return {k + 1, k, grid.length(k)};
}

Points arrive(ConstPoints mean, double length, Index j, const ChainNoise& noise) {
  const double deviation = noise.sign * std::sqrt(noise.epsilon * length);
  Points next(mean.rows(), mean.cols());
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
  Points x = start;
  if (visit) visit(direction == Direction::forward ? 0 : grid.steps(), x);
  for (Index j = 0; j < grid.steps(); ++j) {
    const ChainStep step = chain_step(grid, j, direction);
    x = arrive(x + step.length * drift(grid.time(step.from), x), step.length, j, noise);
    if (visit) visit(step.to, x);
  }
  return x;
}

}  // namespace otbridge
