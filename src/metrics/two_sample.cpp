#include "otbridge/metrics/two_sample.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/at_least_zero.hpp"
#include "measure/sliced_distance.hpp"
#include "metrics/same_dimension.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr Index kRows = 64, kColumns = 256;  // of a block whose distances stay in the cache

// sum_ij a_i b_j of(|x_i - y_j|^2), where `of` takes and gives whole arrays.
template <class Of>
double mean_of_squares(const WeightedPoints& mu, const WeightedPoints& nu, const Of& of) {
  const Matrix columns = nu.points();  // column-major: one coordinate at a time
  return parallel_sum(mu.size(), kRows, [&](Index begin, Index end) {
    Eigen::ArrayXd squares;
    double total = 0.0;
    for (Index first = 0; first < nu.size(); first += kColumns) {
      const Index count = std::min(kColumns, nu.size() - first);
      for (Index i = begin; i < end; ++i) {
        squares.setZero(count);
        for (Index c = 0; c < mu.dimension(); ++c) {
          squares += (columns.col(c).segment(first, count).array() - mu.points()(i, c)).square();
        }
        const auto weights = nu.weights().segment(first, count).array();
        total += mu.weights()[i] * (of(squares) * weights).sum();
      }
    }
    return total;
  });
}

double mean_distance(const WeightedPoints& mu, const WeightedPoints& nu) {
  return mean_of_squares(
      mu, nu, [](const Eigen::ArrayXd& squares) -> Eigen::ArrayXd { return squares.sqrt(); });
}

// E k(X, X') of one cloud, with or without the pairs of a point with itself, for which k = 1.
template <class Kernel>
double self_mean(const WeightedPoints& mu, const Kernel& kernel, MmdEstimator estimator) {
  const double all = mean_of_squares(mu, mu, kernel);
  if (estimator == MmdEstimator::biased) return all;
  const double itself = mu.weights().squaredNorm();
  if (!(itself < 1.0)) {
    throw InvalidInput("the unbiased MMD", "takes clouds of at least two points with mass");
  }
  return (all - itself) / (1.0 - itself);
}

// Of at most 1000 of `all` points, point(k) each, evenly spaced.
template <class Point>
double median_of_pairs(Index all, const Point& point) {
  constexpr Index kMost = 1000;
  const Index count = std::min(all, kMost);
  std::vector<double> distances;
  for (Index i = 0; i < count; ++i) {
    for (Index j = 0; j < i; ++j) {
      const double distance = (point(i * all / count) - point(j * all / count)).norm();
      if (distance > 0.0) distances.push_back(distance);
    }
  }
  if (distances.empty()) return 0.0;
  // Of an even number the mean of the two in the middle.
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  if (distances.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(distances.begin(), middle));
}

}  // namespace

double sliced_wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu, Index directions,
                           const RandomStream& stream) {
  check_same_dimension(mu, nu);
  return std::sqrt(sliced_squared_distance(mu, nu, directions, stream));
}

double energy_distance(const WeightedPoints& mu, const WeightedPoints& nu) {
  check_same_dimension(mu, nu);
  // Never negative but for rounding (Szekely, Rizzo 2013), which the bound takes off.
  return at_least_zero(2.0 * mean_distance(mu, nu) - mean_distance(mu, mu) - mean_distance(nu, nu));
}

double median_distance(const WeightedPoints& mu) {
  const std::vector<Index> rows = mu.support();
  return median_of_pairs(static_cast<Index>(rows.size()),
                         [&](Index k) { return mu.points().row(rows[to_size(k)]); });
}

double median_distance(const WeightedPoints& mu, const WeightedPoints& nu) {
  check_same_dimension(mu, nu);
  const std::vector<Index> first = mu.support(), second = nu.support();
  const auto n = static_cast<Index>(first.size());
  return median_of_pairs(n + static_cast<Index>(second.size()), [&](Index k) {
    return k < n ? mu.points().row(first[to_size(k)]) : nu.points().row(second[to_size(k - n)]);
  });
}

double mmd_squared(const WeightedPoints& mu, const WeightedPoints& nu, MmdEstimator estimator,
                   std::optional<double> bandwidth) {
  check_same_dimension(mu, nu);
  const double width = bandwidth ? *bandwidth : median_distance(mu, nu);
  if (!bandwidth && width == 0.0) return 0.0;
  if (!(width > 0.0 && std::isfinite(width))) {
    throw InvalidInput("bandwidth = " + number_text(width), "must be > 0");
  }
  const double scale = 1.0 / width;
  const auto kernel = [scale](const Eigen::ArrayXd& squares) -> Eigen::ArrayXd {
    return (-0.5 * (squares.sqrt() * scale).square()).exp();
  };
  const double squared = self_mean(mu, kernel, estimator) + self_mean(nu, kernel, estimator) -
                         2.0 * mean_of_squares(mu, nu, kernel);
  return estimator == MmdEstimator::biased ? at_least_zero(squared) : squared;
}

}  // namespace otbridge
