#include "neural/agreement.hpp"

#include <cmath>

#include "neural/chain_ratio.hpp"

namespace otbridge {
namespace {

Index middle_of(const StepGrid& grid) {
  Index middle = 1;
  for (Index k = 1; k < grid.steps(); ++k) {
    if (std::abs(grid.time(k) - 0.5) < std::abs(grid.time(middle) - 0.5)) middle = k;
  }
  return middle;
}

// Of a forward chain, as the plan runs it.
double midpoint_variance(const DriftNetwork& forward, const Points& start,
                         const RandomStream& stream) {
  const StepGrid& grid = forward.design().grid;
  const ReferenceProcess& reference = forward.design().reference;
  const Index middle = middle_of(grid);
  Points between;
  const Points end = simulate_chain(forward, grid, start, {reference.epsilon(), stream},
                                    [&](const ChainStep& step) {
                                      if (step.to == middle) between = step.arrival;
                                    });
  const auto bridge = reference.bridge(0.0, grid.time(middle), 1.0);
  const Points residual = between - bridge.from_start * start - bridge.from_end * end;
  return residual.squaredNorm() / (static_cast<double>(residual.size()) * bridge.variance);
}

double squared_error(const Vector& values) {
  const auto n = static_cast<double>(values.size());
  return (values.array() - values.mean()).square().sum() / (n * (n - 1.0));
}

}  // namespace

Agreement agreement(const DriftNetwork& forward, const DriftNetwork& backward,
                    const Measure& source, const Measure& target, Index chains,
                    const RandomStream& stream) {
  const double epsilon = forward.design().reference.epsilon();
  const Points first = source->sample(chains, stream.fork(0)),
               last = target->sample(chains, stream.fork(2));
  const Vector on = chain_ratio(forward, backward, first, {epsilon, stream.fork(1)}).log_ratio,
               back = chain_ratio(backward, forward, last, {epsilon, stream.fork(3)}).log_ratio;
  return {on.mean() + back.mean(), std::sqrt(squared_error(on) + squared_error(back)),
          midpoint_variance(forward, first, stream.fork(1))};
}

}  // namespace otbridge
