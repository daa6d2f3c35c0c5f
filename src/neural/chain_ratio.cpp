#include "neural/chain_ratio.hpp"

namespace otbridge {

ChainRatio chain_ratio(const DriftNetwork& chain, const DriftNetwork& reverse, ConstPoints start,
                       const ChainNoise& noise) {
  const StepGrid& grid = chain.design().grid;
  const double epsilon = chain.design().reference.epsilon();
  ChainRatio result{{}, Vector::Zero(start.rows())};
  const auto add = [&](const ChainStep& step) {
    const Points back =
        step.arrival + step.length * reverse.along_chains(grid.time(step.to), step.arrival);
    result.log_ratio += ((step.departure - back).rowwise().squaredNorm() -
                         (step.arrival - step.mean).rowwise().squaredNorm()) /
                        (2.0 * epsilon * step.length);
  };
  result.end = simulate_chain(
      grid, [&](double t, ConstPoints x) { return chain.along_chains(t, x); }, start,
      chain.direction(), noise, add);
  return result;
}

}  // namespace otbridge
