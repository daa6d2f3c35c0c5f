#include "sde/step_grid.hpp"

#include <algorithm>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

StepGrid from_weights(const std::vector<double>& weights) {
  double total = 0.0;
  for (const double w : weights) total += w;
  std::vector<double> times{0.0};
  double sum = 0.0;
  for (const double w : weights) times.push_back((sum += w) / total);
  times.back() = 1.0;  // the sum may miss it by rounding
  return StepGrid(std::move(times));
}

}  // namespace

StepGrid::StepGrid(std::vector<double> times) : times_(std::move(times)) {
  if (times_.size() < 2 || times_.front() != 0.0 || times_.back() != 1.0) {
    throw InvalidInput("step grid", "must run from 0 to 1");
  }
  for (std::size_t k = 1; k < times_.size(); ++k) {
    if (!(times_[k] > times_[k - 1])) {
      throw InvalidInput("step grid, time " + number_text(times_[k]),
                         "must be greater than the time before it");
    }
  }
}

StepGrid StepGrid::uniform(Index steps) {
  return from_weights(std::vector<double>(to_size(steps), 1.0));
}

StepGrid StepGrid::triangular(Index steps) {
  std::vector<double> weights;
  for (Index k = 0; k < steps; ++k) {
    weights.push_back(static_cast<double>(std::min(k + 1, steps - k)));  // 1 2 ... 2 1
  }
  return from_weights(weights);
}

StepGrid StepGrid::named(const std::string& schedule, Index steps) {
  if (schedule == "uniform") return uniform(steps);
  if (schedule == "triangular") return triangular(steps);
  throw InvalidInput("/solver/schedule = \"" + schedule + "\"",
                     "must be one of uniform, triangular");
}

double StepGrid::longest() const {
  double longest = 0.0;
  for (Index k = 0; k < steps(); ++k) longest = std::max(longest, length(k));
  return longest;
}

std::optional<Index> StepGrid::node_at(double t) const {
  const auto node = std::ranges::lower_bound(times_, t);
  if (node == times_.end() || *node != t) return std::nullopt;
  return node - times_.begin();
}

StepGrid StepGrid::refined(std::span<const double> times) const {
  // Equal times are one node: no step of length 0.
  std::vector<double> all;
  std::set_union(times_.begin(), times_.end(), times.begin(), times.end(), std::back_inserter(all));
  return StepGrid(std::move(all));
}

StepGrid StepGrid::divided(Index parts) const {
  std::vector<double> all{0.0};
  for (Index k = 0; k < steps(); ++k) {
    for (Index i = 1; i < parts; ++i) {
      all.push_back(time(k) + length(k) * static_cast<double>(i) / static_cast<double>(parts));
    }
    all.push_back(time(k + 1));  // the node itself, to the bit
  }
  return StepGrid(std::move(all));
}

}  // namespace otbridge
