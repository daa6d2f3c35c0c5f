#include "neural/flow_density.hpp"

#include <algorithm>
#include <vector>

#include "neural/chain_ratio.hpp"
#include "sde/chain_answers.hpp"
#include "sde/flow.hpp"

namespace otbridge {
namespace {

// Whose directions are held together, thrice as many entries as these: 100 MB.
Index rows_at_once(Index d, Index probes) {
  constexpr Index kMost = 4096, kEntries = Index{1} << 22;
  return std::clamp<Index>(kEntries / (d * std::min(d, probes)), 1, kMost);
}

// The axes where these are no more than the probes, else so many rows of signs for each point.
std::vector<Points> directions_of(ConstPoints y, Index probes) {
  const Index d = y.cols();
  std::vector<Points> directions(to_size(std::min(d, probes)), Points::Zero(y.rows(), d));
  if (d <= probes) {
    for (Index k = 0; k < d; ++k) directions[to_size(k)].col(k).setOnes();
    return directions;
  }
  // Seed 0 for every caller: the density is a function of the point.
  const RandomStream stream(0, Purpose::metrics);
  const std::vector<Index> rows = rows_by_content(y);
  for (Index k = 0; k < probes; ++k) {
    for (Index i = 0; i < y.rows(); ++i) {
      for (Index j = 0; j < d; ++j) {
        directions[to_size(k)](i, j) = stream.uniform(rows[to_size(i)], k, j) < 0.5 ? -1.0 : 1.0;
      }
    }
  }
  return directions;
}

// sum_k v_k . J v_k, the trace over all axes, and over signs a mean.
Vector trace(const std::vector<Points>& along, const std::vector<Points>& directions, bool exact) {
  Vector sum = Vector::Zero(along.front().rows());
  for (std::size_t k = 0; k < along.size(); ++k) {
    sum += along[k].cwiseProduct(directions[k]).rowwise().sum();
  }
  return exact ? sum : Vector(sum / static_cast<double>(along.size()));
}

}  // namespace

Vector flow_log_density(const DriftPair& drifts, const Measure& start, ConstPoints y,
                        Index probes) {
  const bool exact = y.cols() <= probes;
  Vector result(y.rows());
  const Index together = rows_at_once(y.cols(), probes);
  for (Index begin = 0; begin < y.rows(); begin += together) {
    const Index count = std::min(together, y.rows() - begin);
    const Points ends = y.middleRows(begin, count);
    const std::vector<Points> directions = directions_of(ends, probes);
    // The velocity of the way back, (b - f) / 2 per unit of reversed time.
    const auto field = [&](double t, ConstPoints x) -> FlowSlope {
      const auto back = drifts.other.jet(t, x, directions), own = drifts.own.jet(t, x, directions);
      return {0.5 * (back.value - own.value),
              0.5 * (trace(back.along, directions, exact) - trace(own.along, directions, exact))};
    };
    const FlowEnd from =
        integrate_flow(drifts.own.design().grid, field, ends, drifts.other.direction());
    // On the way back the log density loses what it gains on the way there.
    result.segment(begin, count) = start->log_density(from.point) + from.divergence;
  }
  return result;
}

Vector path_bound(const DriftPair& drifts, const Measure& start, ConstPoints y, Index chains) {
  return chain_mean(y, chains, drifts.own.design().reference.epsilon(),
                    [&](const ChainNoise& noise) -> Points {
                      const ChainRatio way_back = chain_ratio(drifts.other, drifts.own, y, noise);
                      return start->log_density(way_back.end) - way_back.log_ratio;
                    })
      .col(0);
}

}  // namespace otbridge
