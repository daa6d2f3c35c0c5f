#include "comparison_table.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace otbridge::cli {

// More digits than the randomness of the metrics leaves would not mean anything.
std::string cell(std::optional<double> value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *value);
  return text;
}

std::string comparison_table(const Comparison& comparison) {
  std::vector<std::vector<std::string>> cells{{"solver", "seconds", "W2", "sliced W2",
                                               "energy dist.", "cost", "path energy",
                                               "marginal err.", "map vs truth", "stop"}};
  for (const ComparisonRow& row : comparison.rows) {
    if (row.refused()) continue;
    // Given, since the row is not refused.
    const auto& s = *row.score;
    cells.push_back({row.solver, cell(row.report.seconds), cell(s.w2), cell(s.sliced_w2),
                     cell(s.energy_distance), cell(s.transport_cost), cell(s.path_energy),
                     cell(row.report.marginal_error_target),
                     cell(row.truth ? std::optional(row.truth->map_rmse) : std::nullopt),
                     std::string(name_of(row.report.stop_reason))});
  }
  // Numbers stand under their heading at the right, names at the left.
  // Each column as wide as its longest entry.
  std::vector<std::size_t> width(cells[0].size(), 0);
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], line[c].size());
  }
  std::string text;
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < line.size(); ++c) {
      const std::string padding(width[c] - line[c].size(), ' ');
      text += c == 0 ? line[c] + padding : "  " + padding + line[c];
    }
    text += "\n";
  }
  // What has no place in a column: why a row is missing, or has no truth.
  for (const ComparisonRow& row : comparison.rows) {
    if (row.refused()) text += row.solver + ": refused, " + row.refusal + "\n";
    if (comparison.truth_known() && row.score && !row.regularised) {
      text +=
          row.solver + ": solves without epsilon, so it is not compared with the entropic truth\n";
    }
  }
  // All rows were measured on the same points: one line says which.
  if (const auto row = std::ranges::find_if(
          comparison.rows, [](const ComparisonRow& r) { return r.score.has_value(); });
      row != comparison.rows.end()) {
    // Draws of a law, or the cloud that it is.
    const auto points = [](const Measure& law, const char* side, Index n) {
      const bool cloud = law.as<WeightedPoints>() != nullptr;
      return (cloud ? "the " + std::to_string(n) + " points of the "
                    : std::to_string(n) + " fresh draws of the ") +
             side;
    };
    const TransportProblem& problem = comparison.problem;
    text += "W2, sliced W2, energy dist.: " +
            points(problem.source(), "source", comparison.start.size()) + ", moved, against " +
            points(problem.target(), "target", comparison.fresh.size()) + "; W2 on at most " +
            std::to_string(row->score->w2_samples) + "\n";
  }
  return text;
}

}  // namespace otbridge::cli
