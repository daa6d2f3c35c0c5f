#include "neural/agreement.hpp"

#include <cmath>
#include <utility>

#include "neural/chain_ratio.hpp"

namespace otbridge {
namespace {

struct ChainFigures {
  Vector log_ratio;
  double midpoint_variance;
};

Index middle_of(const StepGrid& grid) {
  Index middle = 1;
  for (Index k = 1; k < grid.steps(); ++k) {
    if (std::abs(grid.time(k) - 0.5) < std::abs(grid.time(middle) - 0.5)) middle = k;
  }
  return middle;
}

ChainFigures figures(const DriftNetwork& chain, const DriftNetwork& reverse, const Points& start,
                     const RandomStream& stream) {
  const StepGrid& grid = chain.design().grid;
  const ReferenceProcess& reference = chain.design().reference;
  const Index middle = middle_of(grid);
  Points between;
  ChainRatio chains =
      chain_ratio(chain, reverse, start, {reference.epsilon(), stream}, [&](const ChainStep& step) {
        if (step.to == middle) between = step.arrival;
      });
  const bool forward = chain.direction() == Direction::forward;
  const auto bridge = reference.bridge(0.0, grid.time(middle), 1.0);
  const Points residual = between - bridge.from_start * (forward ? start : chains.end) -
                          bridge.from_end * (forward ? chains.end : start);
  return {std::move(chains.log_ratio),
          residual.squaredNorm() / (static_cast<double>(residual.size()) * bridge.variance)};
}

double squared_error(const Vector& values) {
  const auto n = static_cast<double>(values.size());
  return (values.array() - values.mean()).square().sum() / (n * (n - 1.0));
}

}  // namespace

Agreement agreement(const DriftNetwork& forward, const DriftNetwork& backward,
                    const Measure& source, const Measure& target, Index chains,
                    const RandomStream& stream) {
  const ChainFigures on =
      figures(forward, backward, source->sample(chains, stream.fork(0)), stream.fork(1));
  const ChainFigures back =
      figures(backward, forward, target->sample(chains, stream.fork(2)), stream.fork(3));
  return {on.log_ratio.mean() + back.log_ratio.mean(),
          std::sqrt(squared_error(on.log_ratio) + squared_error(back.log_ratio)),
          on.midpoint_variance};
}

}  // namespace otbridge
