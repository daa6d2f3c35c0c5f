// Two-sample comparison by distribution functions and variances of projections.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "otbridge/core/random.hpp"

namespace otbridge::conformance {

inline constexpr Index kDraws = 8000;  // of each law that is compared

// Kolmogorov-Smirnov distance of two samples of the same size; ties are taken together.
inline double distribution_distance(std::vector<double> a, std::vector<double> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  double worst = 0.0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double level = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == level) ++i;
    while (j < b.size() && b[j] == level) ++j;
    worst = std::max(worst, std::abs(double(i) / double(a.size()) - double(j) / double(b.size())));
  }
  return worst;
}

// How far two variances differ beyond 6 standard errors of their difference, relative to the
// larger. False alarm, at 0, below 2e-9 for laws with light tails.
inline double variance_difference(const std::vector<double>& a, const std::vector<double>& b) {
  struct Spread {
    double variance, squared_error;
  };
  const auto spread = [](const std::vector<double>& values) -> Spread {
    const double n = double(values.size());
    double mean = 0.0, second = 0.0, fourth = 0.0;
    for (const double v : values) mean += v / n;
    for (const double v : values) {
      const double square = (v - mean) * (v - mean);
      second += square / n;
      fourth += square * square / n;
    }
    return {second, (fourth - second * second) / n};
  };
  const Spread x = spread(a), y = spread(b);
  const double error = std::sqrt(std::max(0.0, x.squared_error + y.squared_error));
  const double excess = std::abs(x.variance - y.variance) - 6.0 * error;
  return excess > 0.0 ? excess / std::max(x.variance, y.variance) : 0.0;
}

// The axes and four random directions. Each projection is one dot product per row, so that equal
// rows stay equal.
struct LawDifference {
  double distribution = 0.0;  // largest distance of the distribution functions
  double variance = 0.0;      // largest difference of the variances beyond noise
};

inline LawDifference difference_in_law(const Points& x, const Points& y) {
  const Index d = x.cols();
  Points directions(d + 4, d);
  directions << Points::Identity(d, d), normal_points(4, d, RandomStream(99));
  LawDifference worst;
  for (Index k = 0; k < directions.rows(); ++k) {
    const auto projected = [&](const Points& points) {
      std::vector<double> values;
      for (Index i = 0; i < points.rows(); ++i) {
        double value = 0.0;
        for (Index c = 0; c < d; ++c) value += points(i, c) * directions(k, c);
        values.push_back(value);
      }
      return values;
    };
    const std::vector<double> a = projected(x), b = projected(y);
    worst.distribution = std::max(worst.distribution, distribution_distance(a, b));
    worst.variance = std::max(worst.variance, variance_difference(a, b));
  }
  return worst;
}

// Two samples of n from one law are farther apart than this, in one projection, with probability
// below 2e-9 (Smirnov 1948: 2 exp(-n distance^2)). All comparisons of this folder together, about
// 1500 projections of either kind, alarm falsely in fewer than one of 10^5 seeds.
inline double noise_band(Index n) { return std::sqrt(std::log(1e9) / double(n)); }

// bias: the difference that is allowed beyond noise, of the distribution functions; variances may
// differ by 2.5 times as much, relatively.
inline void check_same_law(const Points& x, const Points& y, double bias) {
  const LawDifference found = difference_in_law(x, y);
  CHECK(found.distribution < noise_band(x.rows()) + bias);
  CHECK(found.variance <= 2.5 * bias);
}

}  // namespace otbridge::conformance
