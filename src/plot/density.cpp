#include "plot/density.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace otbridge {
namespace {

// Finite values with their weights, which sum to 1, in ascending order.
std::vector<std::pair<double, double>> sorted_values(const PlotCloud& cloud) {
  std::vector<std::pair<double, double>> values;
  double sum = 0.0;
  for (Index i = 0; i < cloud.points.rows(); ++i) {
    const double weight = cloud.weights.size() > 0 ? cloud.weights[i] : 1.0;
    if (!std::isfinite(cloud.points(i, 0)) || !(weight > 0.0)) continue;
    values.emplace_back(cloud.points(i, 0), weight);
    sum += weight;
  }
  for (auto& value : values) value.second /= sum;
  std::ranges::sort(values);
  return values;
}

// The values at ascending levels in (0, 1).
std::vector<double> quantiles(const std::vector<std::pair<double, double>>& values,
                              const std::vector<double>& levels) {
  std::vector<double> found;
  std::size_t k = 0;
  double reached = values.front().second;
  for (const double level : levels) {
    while (reached < level && k + 1 < values.size()) reached += values[++k].second;
    found.push_back(values[k].first);
  }
  return found;
}

double kernel_width(const std::vector<std::pair<double, double>>& values) {
  double mean = 0.0, second = 0.0, weight_squares = 0.0;
  for (const auto& [value, weight] : values) mean += weight * value;
  for (const auto& [value, weight] : values) {
    second += weight * (value - mean) * (value - mean);
    weight_squares += weight * weight;
  }
  const auto quartiles = quantiles(values, {0.25, 0.75});
  double spread = std::sqrt(second);
  // 1.34: the distance of a normal's quartiles. Many equal values have none.
  if (const double q = (quartiles[1] - quartiles[0]) / 1.34; q > 0.0) spread = std::min(spread, q);
  return 0.9 * spread * std::pow(weight_squares, 0.2);  // 1 / sum w^2: the number of equal ones
}

}  // namespace

Points density_curve(const PlotCloud& cloud, double low, double high) {
  constexpr Index kSteps = 240;
  const auto values = sorted_values(cloud);
  Points curve(kSteps + 1, 2);
  const double step = (high - low) / static_cast<double>(kSteps);
  for (Index k = 0; k <= kSteps; ++k) curve.row(k) << low + static_cast<double>(k) * step, 0.0;
  if (values.empty()) return curve;
  const double width = std::max(kernel_width(values), 0.01 * (high - low));
  // Binned to the curve's steps, which are narrower than the kernel.
  Vector bins = Vector::Zero(kSteps + 1);
  for (const auto& [value, weight] : values) {
    bins[std::clamp<Index>(std::llround((value - low) / step), 0, kSteps)] += weight;
  }
  const double height = 1.0 / (width * std::sqrt(2.0 * std::acos(-1.0)));
  for (Index k = 0; k <= kSteps; ++k) {
    for (Index j = 0; j <= kSteps; ++j) {
      const double z = static_cast<double>(k - j) * step / width;
      if (bins[j] > 0.0) curve(k, 1) += bins[j] * height * std::exp(-0.5 * z * z);
    }
  }
  return curve;
}

Points monotone_map(const PlotCloud& source, const PlotCloud& target, Index levels) {
  const auto from = sorted_values(source), to = sorted_values(target);
  if (from.empty() || to.empty()) return Points(0, 2);
  std::vector<double> at;
  for (Index k = 0; k < levels; ++k)
    at.push_back((static_cast<double>(k) + 0.5) / static_cast<double>(levels));
  const auto x = quantiles(from, at), y = quantiles(to, at);
  Points map(levels, 2);
  for (Index k = 0; k < levels; ++k) map.row(k) << x[to_size(k)], y[to_size(k)];
  return map;
}

}  // namespace otbridge
