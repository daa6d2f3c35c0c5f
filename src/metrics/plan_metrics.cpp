#include "otbridge/metrics/plan_metrics.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/metrics/two_sample.hpp"
#include "otbridge/metrics/wasserstein.hpp"

namespace otbridge {
namespace {

constexpr Index kDirections = 128;
constexpr Index kEnergySteps = 50;
constexpr Index kEnergyPaths = 2000;

// At most `limit` rows, chosen without replacement.
WeightedPoints subsample(const WeightedPoints& cloud, Index limit, const RandomStream& stream) {
  if (cloud.size() <= limit) return cloud;
  const auto order = permutation(cloud.size(), stream);
  Points points(limit, cloud.dimension());
  Vector weights(limit);
  for (Index k = 0; k < limit; ++k) {
    const Index i = order[to_size(k)];
    points.row(k) = cloud.points().row(i);
    weights[k] = cloud.weights()[i];
  }
  return cloud.uniform_weights() ? WeightedPoints(std::move(points))
                                 : WeightedPoints(std::move(points), weights);
}

}  // namespace

MarginalErrors marginal_errors(const Coupling& coupling) {
  constexpr Index kBlock = 256;
  const Index n = coupling.source_weights().size();
  Vector rows(n), columns = Vector::Zero(coupling.target_weights().size());
  for (Index begin = 0; begin < n; begin += kBlock) {
    const Index end = std::min(n, begin + kBlock);
    const Matrix block = coupling.rows(begin, end);
    rows.segment(begin, end - begin) = block.rowwise().sum();
    columns += block.colwise().sum().transpose();
  }
  return {(rows - coupling.source_weights()).cwiseAbs().sum(),
          (columns - coupling.target_weights()).cwiseAbs().sum()};
}

double transport_cost(ConstPoints x, ConstPoints y) {
  if (x.rows() != y.rows() || x.cols() != y.cols()) {
    throw InvalidInput("transport_cost", "the two clouds must have the same shape");
  }
  return 0.5 * (x - y).rowwise().squaredNorm().mean();
}

std::optional<double> path_energy(const TransportPlan& plan, ConstPoints x, Index steps,
                                  const RandomStream& stream) {
  if (plan.drift() == nullptr) return std::nullopt;
  std::vector<double> midpoints;
  for (Index k = 0; k < steps; ++k) {
    midpoints.push_back((static_cast<double>(k) + 0.5) / static_cast<double>(steps));
  }
  const Paths paths = plan.sample_paths(x, midpoints, Direction::forward, stream);
  double total = 0.0;
  for (std::size_t k = 0; k < midpoints.size(); ++k) {
    total += plan.drift()
                 ->at(midpoints[k], paths.at[k], Direction::forward)
                 .rowwise()
                 .squaredNorm()
                 .mean();
  }
  return total / static_cast<double>(steps);
}

PushforwardScore score_pushforward(const TransportPlan& plan, ConstPoints start, ConstPoints moved,
                                   const WeightedPoints& fresh, Direction direction,
                                   Index w2_samples, const RandomStream& stream) {
  const WeightedPoints cloud{Points(moved)};
  PushforwardScore score;
  score.samples = cloud.size();
  score.w2_samples = std::min(w2_samples, std::max(cloud.size(), fresh.size()));
  score.w2 = wasserstein2(subsample(cloud, w2_samples, stream.fork(0)),
                          subsample(fresh, w2_samples, stream.fork(1)));
  score.sliced_w2 = sliced_wasserstein2(cloud, fresh, kDirections, stream.fork(2));
  score.energy_distance = energy_distance(cloud, fresh);
  score.transport_cost = transport_cost(start, moved);
  if (direction == Direction::forward) {
    score.path_energy = path_energy(plan, start.topRows(std::min(kEnergyPaths, start.rows())),
                                    kEnergySteps, stream.fork(3));
  }
  return score;
}

}  // namespace otbridge
