#include "sde/heun.hpp"

#include <utility>

namespace otbridge {

Points simulate_heun(const StepGrid& grid, const BatchDrift& drift, ConstPoints start,
                     Direction direction, const ChainNoise& noise, const ChainVisitor& visit) {
  const Index n = grid.steps();
  const bool forward = direction == Direction::forward;
  Points x = start;
  for (Index j = 0; j < n; ++j) {
    // The steps of simulate_chain, in its order.
    const Index k = forward ? j : n - 1 - j;
    const Index from = forward ? k : k + 1, to = forward ? k + 1 : k;
    const double h = grid.length(k);
    const Points here = drift(grid.time(from), x);
    Points mean = x + h * here;
    Points next = noise.epsilon > 0.0 ? arrive(mean, h, j, noise) : mean;
    // The drift where the Euler step arrives, noise and all, corrects the drift of the departure.
    const Points correction = 0.5 * h * (drift(grid.time(to), next) - here);
    mean += correction;
    next += correction;
    if (visit) visit({j, from, to, h, x, mean, next});
    x = std::move(next);
  }
  return x;
}

}  // namespace otbridge
