#include "otbridge/measure/weighted_points.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "measure/moments.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

void check_points(const Points& points) {
  if (points.rows() == 0) throw InvalidInput("points", "a cloud has 0 points; it needs at least 1");
  if (points.cols() == 0) throw InvalidInput("points", "a cloud has dimension 0");
  if (points.allFinite()) return;
  for (Index i = 0; i < points.rows(); ++i) {
    for (Index c = 0; c < points.cols(); ++c) {
      if (std::isfinite(points(i, c))) continue;
      throw InvalidInput("points, row " + std::to_string(i + 1) + ", coordinate " +
                             std::to_string(c) + " = " + number_text(points(i, c)),
                         "must be finite");
    }
  }
}

Vector normalised(const Vector& weights, Index n) {
  if (weights.size() != n) {
    throw InvalidInput("weights", "there are " + std::to_string(weights.size()) + " for " +
                                      std::to_string(n) + " points");
  }
  for (Index i = 0; i < n; ++i) {
    if (std::isfinite(weights[i]) && weights[i] >= 0.0) continue;
    throw InvalidInput(
        "weights, row " + std::to_string(i + 1) + ": weight = " + number_text(weights[i]),
        "must be finite and >= 0");
  }
  const double largest = weights.maxCoeff();
  if (!(largest > 0.0)) throw InvalidInput("weights", "are all zero; at least one must be > 0");
  // Weights that sum to 1 already stay as they are, so that writing and reading them changes no
  // bit.
  if (std::abs(weights.sum() - 1.0) <= 1e-13) return weights;
  // By the largest first: the sum of huge weights would overflow.
  const Vector scaled = weights / largest;
  return scaled / scaled.sum();
}

}  // namespace

WeightedPoints::WeightedPoints(Points points)
    : points_(std::make_shared<const Points>(std::move(points))) {
  check_points(*points_);
  weights_ =
      std::make_shared<const Vector>(Vector::Constant(size(), 1.0 / static_cast<double>(size())));
}

WeightedPoints::WeightedPoints(Points points, const Vector& weights)
    : points_(std::make_shared<const Points>(std::move(points))) {
  check_points(*points_);
  weights_ = std::make_shared<const Vector>(normalised(weights, size()));
  mass_ = weights.sum();
  uniform_ = (weights.array() == weights[0]).all();
}

Points WeightedPoints::do_sample(Index n, const RandomStream& stream) const {
  std::vector<double> cumulative(to_size(size()));
  double total = 0.0;
  for (Index i = 0; i < size(); ++i) cumulative[to_size(i)] = total += weights()[i];
  Points drawn(n, dimension());
  parallel_for(n, 4096, [&](Index begin, Index end, Index) {
    for (Index i = begin; i < end; ++i) {
      const double level = stream.uniform(i, 0, 0) * total;
      // The first point whose cumulative weight exceeds the level; zero weights are never chosen.
      const auto found = std::ranges::upper_bound(cumulative, level);
      drawn.row(i) = points().row(std::min<Index>(found - cumulative.begin(), size() - 1));
    }
  });
  return drawn;
}

std::optional<Vector> WeightedPoints::do_mean() const { return points().transpose() * weights(); }

std::optional<Matrix> WeightedPoints::do_covariance() const {
  const Points centred = points().rowwise() - (points().transpose() * weights()).transpose();
  return centred.transpose() * weights().asDiagonal() * centred;
}

std::vector<Index> support(const Vector& weights) {
  std::vector<Index> rows;
  for (Index i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0.0) rows.push_back(i);
  }
  return rows;
}

std::vector<Index> without_weight(const Vector& weights) {
  std::vector<Index> rows;
  for (Index i = 0; i < weights.size(); ++i) {
    if (!(weights[i] > 0.0)) rows.push_back(i);
  }
  return rows;
}

std::vector<Index> WeightedPoints::support() const { return otbridge::support(weights()); }

WeightedPoints discretize(const Measure& measure, Index n, const RandomStream& stream) {
  if (const auto* points = measure.as<WeightedPoints>()) return *points;
  return WeightedPoints(measure->sample(n, stream));
}

double mean_cost(const Measure& mu, const Measure& nu, Index n, std::uint64_t seed) {
  // E|x - y|^2 of independent x and y is |E x - E y|^2 plus both spreads.
  const MeanSpread x = mean_spread(*mu, n, RandomStream(seed, Purpose::source_draw));
  const MeanSpread y = mean_spread(*nu, n, RandomStream(seed, Purpose::target_draw));
  return 0.5 * ((x.mean - y.mean).squaredNorm() + x.spread + y.spread);
}

}  // namespace otbridge
