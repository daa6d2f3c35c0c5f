// StepGrid: the times 0 = t_0 < ... < t_N = 1 of a discretised chain.
//
// Nodes are numbered 0 .. N, steps 0 .. N - 1; step k leads from t_k to t_{k+1} and has the length
// h_k = t_{k+1} - t_k, in the unit of the whole bridge's time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "otbridge/core/points.hpp"

namespace otbridge {

class StepGrid {
 public:
  // times: ascending, from 0 to 1. Throws InvalidInput otherwise.
  explicit StepGrid(std::vector<double> times);
  static StepGrid uniform(Index steps);
  // Lengths rise linearly to the middle and fall again: short steps at both ends, where drifts of
  // bridges are steep.
  static StepGrid triangular(Index steps);
  // "uniform" or "triangular"; throws InvalidInput for another name.
  static StepGrid named(const std::string& schedule, Index steps);

  Index steps() const { return static_cast<Index>(times_.size()) - 1; }
  double time(Index k) const { return times_[to_size(k)]; }
  double length(Index k) const { return time(k + 1) - time(k); }  // of step k, 0 <= k < N
  double longest() const;
  std::optional<Index> node_at(double t) const;  // none at a time between nodes
  const std::vector<double>& times() const { return times_; }

  // This grid with further times in (0, 1) inserted.
  StepGrid refined(std::span<const double> times) const;
  // This grid with each step cut into `parts` >= 1 of equal length.
  StepGrid divided(Index parts) const;

 private:
  std::vector<double> times_;
};

}  // namespace otbridge
