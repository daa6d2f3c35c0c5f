#include "otbridge/metrics/distances.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "metrics/same_dimension.hpp"
#include "otbridge/metrics/two_sample.hpp"

namespace otbridge {
namespace {

using Clock = std::chrono::steady_clock;

Distance exactly(double value) { return {value, value, value}; }

// W1 of the projections on a direction, a length: no more than W1 (Lipschitz with constant 1).
double projected(const WeightedPoints& mu, const WeightedPoints& nu, const Vector& direction) {
  return wasserstein1(WeightedPoints(Points(mu.points() * direction), mu.weights()),
                      WeightedPoints(Points(nu.points() * direction), nu.weights()));
}

double lower_wasserstein1(const WeightedPoints& mu, const WeightedPoints& nu,
                          const RandomStream& stream) {
  constexpr Index kDirections = 32;
  const Index d = mu.dimension();
  double least = 0.0;
  const auto improve = [&](const Vector& direction) {
    const double length = direction.norm();
    if (length > 0.0) least = std::max(least, projected(mu, nu, direction / length));
  };
  improve(*mu.mean() - *nu.mean());
  const Points directions = normal_points(kDirections, d, stream);
  for (Index k = 0; k < kDirections; ++k) improve(directions.row(k).transpose());
  return least;
}

}  // namespace

Distances all_distances(const WeightedPoints& mu, const WeightedPoints& nu,
                        const DistanceOptions& options, const RandomStream& stream,
                        const EntropicCost* own_first, const EntropicCost* own_second) {
  check_same_dimension(mu, nu);
  Distances distances;
  const auto measure = [&](Distance& distance, const char* name, const auto& work) {
    if (options.begins) options.begins(name);
    const auto begin = Clock::now();
    distance = work();
    distance.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  };
  const double pairs = static_cast<double>(mu.size()) * static_cast<double>(nu.size());
  const bool all_sizes = options.exact || mu.dimension() == 1;
  measure(distances.w2, "W2", [&]() -> Distance {
    if (all_sizes || pairs <= Distances::kMostPairsW2) return exactly(wasserstein2(mu, nu));
    const Bracket bracket = wasserstein2_bracket(mu, nu);
    return {std::nullopt, bracket.lower, bracket.upper};
  });
  measure(distances.w1, "W1", [&]() -> Distance {
    if (all_sizes || pairs <= Distances::kMostPairsW1) return exactly(wasserstein1(mu, nu));
    const double upper = distances.w2.upper;
    return {std::nullopt, std::min(upper, lower_wasserstein1(mu, nu, stream.fork(1))), upper};
  });
  measure(distances.sliced_w2, "sliced W2",
          [&] { return exactly(sliced_wasserstein2(mu, nu, options.directions, stream.fork(0))); });
  measure(distances.energy_distance, "energy distance",
          [&] { return exactly(energy_distance(mu, nu)); });
  measure(distances.sinkhorn_divergence, "Sinkhorn divergence", [&]() -> Distance {
    const double epsilon = options.epsilon;
    const auto own = [&](const WeightedPoints& cloud, const EntropicCost* known) {
      return known != nullptr ? *known : entropic_cost(cloud, cloud, epsilon);
    };
    const SinkhornDivergence found = sinkhorn_divergence(entropic_cost(mu, nu, epsilon),
                                                         own(mu, own_first), own(nu, own_second));
    distances.converged = found.converged;
    return {found.value, std::max(0.0, found.value - found.error), found.value + found.error};
  });
  return distances;
}

}  // namespace otbridge
