#include "comparison_table.hpp"

#include <algorithm>

#include "text_grid.hpp"

namespace otbridge::cli {

namespace {

// Where the points went, and what exact draws score: the least that means anything.
Cells pushforward_cells(const Comparison& comparison) {
  Cells cells{{"solver", "seconds", "W2", "W1", "sliced W2", "energy dist.", "MMD^2", "BW2-UVP",
               "cost", "path energy", "marginal err.", "stop"}};
  const auto add = [&](const ComparisonRow& row) {
    if (row.refused()) return;
    // Given, since the row is not refused.
    const auto& s = *row.score;
    cells.push_back({row.solver, cell(row.report.seconds), cell(s.w2), cell(s.w1),
                     cell(s.sliced_w2), cell(s.energy_distance), cell(s.mmd_squared),
                     cell(s.bw2_uvp), cell(s.transport_cost), cell(s.path_energy),
                     cell(row.report.marginal_error_target),
                     std::string(name_of(row.report.stop_reason))});
  };
  if (comparison.truth_row) add(*comparison.truth_row);
  for (const ComparisonRow& row : comparison.rows) add(row);
  if (const auto& floors = comparison.floors) {
    const CloudDistances& d = floors->distances;
    cells.push_back({"(floor)", "", cell(d.w2), cell(d.w1), cell(d.sliced_w2),
                     cell(d.energy_distance), cell(d.mmd_squared), cell(floors->bw2_uvp), "", "",
                     "", ""});
  }
  return cells;
}

// How they went there, against the reference.
Cells bridge_cells(const Comparison& comparison) {
  Cells cells{{"solver", "path KL", "drift RMSE", "map RMSE", "cBW2-UVP", "plan entropy"}};
  for (const ComparisonRow& row : comparison.rows) {
    if (row.refused()) continue;
    const BridgeScore score = row.bridge.value_or(BridgeScore{});
    cells.push_back({row.solver, cell(score.path_kl), cell(score.drift_rmse), cell(score.map_rmse),
                     cell(score.conditional_bw2_uvp), cell(row.report.plan_entropy)});
  }
  if (comparison.conditional_bw2_uvp_floor) {
    cells.push_back({"(floor)", "", "", "", cell(comparison.conditional_bw2_uvp_floor), ""});
  }
  return cells;
}

std::string reference_line(ReferenceKind kind) {
  switch (kind) {
    case ReferenceKind::truth:
      return "reference: the true bridge, which is known\n";
    case ReferenceKind::sinkhorn:
      return "reference: the bridge of sinkhorn, since the true one is not known\n";
    case ReferenceKind::none:
      break;
  }
  return "reference: none, the true bridge is not known and no row of sinkhorn converged\n";
}

}  // namespace

std::string comparison_table(const Comparison& comparison) {
  std::string text = aligned(pushforward_cells(comparison)) + "\n" +
                     aligned(bridge_cells(comparison)) + reference_line(comparison.reference);
  // What has no place in a column: why a row is missing, or has no truth.
  for (const ComparisonRow& row : comparison.rows) {
    if (row.refused()) text += row.solver + ": refused, " + row.refusal + "\n";
    if (comparison.reference != ReferenceKind::none && row.score && !row.regularised) {
      const bool truth = comparison.reference == ReferenceKind::truth;
      text += row.solver + ": solves without epsilon, so it is not compared with the entropic " +
              (truth ? "truth" : "reference") + "\n";
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
    text += "W2, W1, sliced W2, energy dist., MMD^2: " +
            points(problem.source(), "source", comparison.start.size()) + ", moved, against " +
            points(problem.target(), "target", comparison.fresh.size()) +
            "; W2 and W1 on at most " + std::to_string(row->score->w2_samples) + "\n";
  }
  return text;
}

}  // namespace otbridge::cli
