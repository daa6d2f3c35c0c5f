#include "otbridge/metrics/bridge_score.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "metrics/distance_from_moments.hpp"
#include "metrics/some_rows.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kPaths = 2000;
constexpr Index kSlices = Index{1} << 24;  // coordinates of path slices at a time: 128 MiB

void check_same_question(const TransportProblem& a, const TransportProblem& b) {
  if (a.dimension() != b.dimension()) {
    throw InvalidInput("two bridges", "the dimensions " + std::to_string(a.dimension()) + " and " +
                                          std::to_string(b.dimension()) + " differ");
  }
  const double epsilon = a.reference().epsilon(), other = b.reference().epsilon();
  if (!same_rate(epsilon, other)) {
    throw InvalidInput("two bridges", "epsilon " + number_text(epsilon) + " and " +
                                          number_text(other) +
                                          " differ, so that no path of one is one of the other");
  }
}

Moments moments_of_draws(const TransportPlan& plan, ConstPoints x, const RandomStream& stream,
                         Index point) {
  constexpr Index kDraws = ConditionalBw2Uvp::kDraws;
  return sample_moments(WeightedPoints(
      plan.sample(x.replicate(kDraws, 1), Direction::forward, stream, point * kDraws)));
}

}  // namespace

std::optional<double> path_kl(const TransportPlan& reference, const TransportPlan& plan,
                              const WeightedPoints& start, const RandomStream& stream,
                              Index steps) {
  check_same_question(reference.problem(), plan.problem());
  if (steps < 1) throw InvalidInput("steps = " + std::to_string(steps), "must be >= 1");
  if (reference.drift() == nullptr || plan.drift() == nullptr) return std::nullopt;
  const WeightedPoints chosen = restricted(start, some_rows(start, kPaths, stream.fork(0)));
  const RandomStream noise = stream.fork(1);
  std::vector<double> midpoints;
  for (Index k = 0; k < steps; ++k) {
    midpoints.push_back((static_cast<double>(k) + 0.5) / static_cast<double>(steps));
  }
  const Index block = std::max<Index>(1, kSlices / (steps * chosen.dimension()));
  double total = 0.0;
  for (Index begin = 0; begin < chosen.size(); begin += block) {
    const Index count = std::min(block, chosen.size() - begin);
    const Points from = chosen.points().middleRows(begin, count);
    const Paths paths = reference.sample_paths(from, midpoints, Direction::forward, noise, begin);
    for (std::size_t k = 0; k < midpoints.size(); ++k) {
      const double t = midpoints[k];
      const Points apart = reference.drift()->at(t, paths.at[k], Direction::forward) -
                           plan.drift()->at(t, paths.at[k], Direction::forward);
      total += chosen.weights().segment(begin, count).dot(apart.rowwise().squaredNorm());
    }
  }
  return total / (2.0 * reference.problem().reference().epsilon() * static_cast<double>(steps));
}

double drift_rmse(double path_kl, double epsilon) { return std::sqrt(2.0 * epsilon * path_kl); }

double map_rmse(const TransportPlan& reference, const TransportPlan& plan,
                const WeightedPoints& start) {
  const Points apart = plan.map(start.points(), Direction::forward) -
                       reference.map(start.points(), Direction::forward);
  return std::sqrt(start.weights().dot(apart.rowwise().squaredNorm()));
}

struct ConditionalBw2Uvp::Conditional {
  DistanceFromMoments distance;
};

// Forks of the stream: the points, the draws of a plan, of the floor, and of a reference that knows
// no covariance.
ConditionalBw2Uvp::ConditionalBw2Uvp(const TransportPlan& reference, const WeightedPoints& start,
                                     const Moments& target, const RandomStream& stream)
    : reference_(reference),
      points_(restricted(start, some_rows(start, kPoints, stream.fork(0)))),
      half_variance_(0.5 * target.covariance.trace()),
      stream_(stream) {
  if (!(half_variance_ > 0.0) || start.dimension() > kMostDimensions) return;
  const Points means = reference.map(points_.points(), Direction::forward);
  conditionals_.resize(to_size(points_.size()));
  parallel_for(points_.size(), 1, [&](Index i, Index, Index) {
    const Points x = points_.points().row(i);
    std::optional<Matrix> covariance;
    if (const Conditionals* face = reference.conditionals()) {
      covariance = face->covariance(x, Direction::forward);
    }
    conditionals_[to_size(i)].distance =
        DistanceFromMoments(covariance ? Moments{means.row(i).transpose(), std::move(*covariance)}
                                       : moments_of_draws(reference, x, stream_.fork(3), i));
  });
}

ConditionalBw2Uvp::~ConditionalBw2Uvp() = default;

std::optional<double> ConditionalBw2Uvp::score(const TransportPlan& plan,
                                               const RandomStream& stream) const {
  if (conditionals_.empty()) return std::nullopt;
  const double mean = parallel_sum(points_.size(), 1, [&](Index i, Index) {
    const Moments drawn = moments_of_draws(plan, points_.points().row(i), stream, i);
    return points_.weights()[i] * conditionals_[to_size(i)].distance(drawn);
  });
  return 100.0 * mean / half_variance_;
}

std::optional<double> ConditionalBw2Uvp::score(const TransportPlan& plan) const {
  return score(plan, stream_.fork(1));
}

std::optional<double> ConditionalBw2Uvp::floor() const {
  return score(reference_, stream_.fork(2));
}

}  // namespace otbridge
