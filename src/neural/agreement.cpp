#include "neural/agreement.hpp"

#include <cmath>

#include "sde/chain.hpp"

namespace otbridge {
namespace {

// Of every chain the logarithm of its own transitions over those of the reverse chain: both have
// the variance eps h, so that their constants cancel.
struct ChainRatios {
  Vector log_ratio;
  double midpoint_variance = 0.0;
};

Index middle_of(const StepGrid& grid) {
  Index middle = 1;
  for (Index k = 1; k < grid.steps(); ++k) {
    if (std::abs(grid.time(k) - 0.5) < std::abs(grid.time(middle) - 0.5)) middle = k;
  }
  return middle;
}

ChainRatios ratios(const DriftNetwork& chain, const DriftNetwork& reverse, const Points& start,
                   const RandomStream& stream) {
  const StepGrid& grid = chain.design().grid;
  const ReferenceProcess& reference = chain.design().reference;
  const Index middle = middle_of(grid);
  ChainRatios result{Vector::Zero(start.rows())};
  Points between;
  const auto visit = [&](const ChainStep& step) {
    const Points back = step.arrival + step.length * reverse.at(grid.time(step.to), step.arrival);
    result.log_ratio += ((step.departure - back).rowwise().squaredNorm() -
                         (step.arrival - step.mean).rowwise().squaredNorm()) /
                        (2.0 * reference.epsilon() * step.length);
    if (step.to == middle) between = step.arrival;
  };
  const Points end = simulate_chain(
      grid, [&](double t, ConstPoints x) { return chain.at(t, x); }, start, chain.direction(),
      {reference.epsilon(), stream}, visit);
  const bool forward = chain.direction() == Direction::forward;
  const auto bridge = reference.bridge(0.0, grid.time(middle), 1.0);
  const Points residual = between - bridge.from_start * (forward ? start : end) -
                          bridge.from_end * (forward ? end : start);
  result.midpoint_variance =
      residual.squaredNorm() / (static_cast<double>(residual.size()) * bridge.variance);
  return result;
}

double squared_error(const Vector& values) {
  const auto n = static_cast<double>(values.size());
  return (values.array() - values.mean()).square().sum() / (n * (n - 1.0));
}

}  // namespace

Agreement agreement(const DriftNetwork& forward, const DriftNetwork& backward,
                    const Measure& source, const Measure& target, Index chains,
                    const RandomStream& stream) {
  const ChainRatios on =
      ratios(forward, backward, source->sample(chains, stream.fork(0)), stream.fork(1));
  const ChainRatios back =
      ratios(backward, forward, target->sample(chains, stream.fork(2)), stream.fork(3));
  return {on.log_ratio.mean() + back.log_ratio.mean(),
          std::sqrt(squared_error(on.log_ratio) + squared_error(back.log_ratio)),
          on.midpoint_variance};
}

}  // namespace otbridge
