// Two-sample comparison by distribution functions of projections.
#pragma once

#include <algorithm>
#include <cmath>

#include "otbridge/core/random.hpp"

namespace otbridge::conformance {

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

// The largest distance over the axes and four random directions. Each projection is one dot product
// per row, so that equal rows stay equal.
inline double projected_distance(const Points& x, const Points& y) {
  const Index d = x.cols();
  Points directions(d + 4, d);
  directions << Points::Identity(d, d), normal_points(4, d, RandomStream(99));
  double worst = 0.0;
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
    worst = std::max(worst, distribution_distance(projected(x), projected(y)));
  }
  return worst;
}

// Two samples of n from one law are farther apart than this, in one projection, with probability
// below 2e-9 (Smirnov 1948: 2 exp(-n distance^2)); in all comparisons of this folder below 1e-6.
inline double noise_band(Index n) { return std::sqrt(std::log(1e9) / double(n)); }

}  // namespace otbridge::conformance
