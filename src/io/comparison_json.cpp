#include "otbridge/io/comparison_json.hpp"

#include <algorithm>

#include "otbridge/io/json.hpp"
#include "otbridge/io/report_json.hpp"

namespace otbridge {
namespace {

Json truth_json(const TruthScore& truth) {
  return {{"map_rmse", truth.map_rmse},
          {"value", number_or_null(truth.value)},
          {"value_error", number_or_null(truth.value_error)}};
}

Json reference_json(ReferenceKind kind) {
  if (kind == ReferenceKind::none) return nullptr;
  return kind == ReferenceKind::truth ? "truth" : "sinkhorn";
}

// Of a plan that is there already its own, which may be another than that of the problem.
Json epsilon_of(const Comparison& comparison, const ComparisonRow& row) {
  if (!row.regularised) return nullptr;
  if (row.plan != nullptr) return row.plan->problem().reference().epsilon();
  return comparison.problem.reference().epsilon();
}

// Every key is there in every row, so that a table of rows has no holes but nulls.
Json row_json(const Comparison& comparison, const ComparisonRow& row) {
  const auto& score = row.score;
  // Null where there is no score, and where a number is not finite: JSON has no infinity.
  const auto of = [&](double PushforwardScore::*member) {
    return score ? number_or_null((*score).*member) : Json();
  };
  const BridgeScore bridge = row.bridge.value_or(BridgeScore{});
  const bool solved = !row.refused() && row.plan_file.empty();
  const bool reported = !row.refused() && row.reported;
  Json json{{"solver", row.solver},
            {"plan", row.plan_file.empty() ? Json() : Json(row.plan_file)},
            {"epsilon", epsilon_of(comparison, row)},
            {"seconds", solved ? Json(row.report.seconds) : Json()},
            {"w2", of(&PushforwardScore::w2)},
            {"w1", of(&PushforwardScore::w1)},
            {"sliced_w2", of(&PushforwardScore::sliced_w2)},
            {"energy_distance", of(&PushforwardScore::energy_distance)},
            {"mmd_squared", of(&PushforwardScore::mmd_squared)},
            {"bw2_uvp", score ? number_or_null(score->bw2_uvp) : Json()},
            {"transport_cost", of(&PushforwardScore::transport_cost)},
            {"path_energy", score ? number_or_null(score->path_energy) : Json()},
            {"samples", score ? Json(score->samples) : Json()},
            {"w2_samples", score ? Json(score->w2_samples) : Json()},
            {"reference_kind", row.refused() ? Json() : reference_json(comparison.reference)},
            {"path_kl", number_or_null(bridge.path_kl)},
            {"drift_rmse", number_or_null(bridge.drift_rmse)},
            {"map_rmse", number_or_null(bridge.map_rmse)},
            {"conditional_bw2_uvp", number_or_null(bridge.conditional_bw2_uvp)},
            {"truth", row.truth ? truth_json(*row.truth) : Json()},
            {"report", reported ? report_to_json(row.report, solved) : Json()}};
  // The floors are those of the comparison, repeated: a row can be read alone.
  const auto& floors = comparison.floors;
  const bool any = floors && !row.refused();
  const auto floor = [&](double CloudDistances::*member) {
    return any ? number_or_null(floors->distances.*member) : Json();
  };
  json["w2_floor"] = floor(&CloudDistances::w2);
  json["w1_floor"] = floor(&CloudDistances::w1);
  json["sliced_w2_floor"] = floor(&CloudDistances::sliced_w2);
  json["energy_distance_floor"] = floor(&CloudDistances::energy_distance);
  json["mmd_squared_floor"] = floor(&CloudDistances::mmd_squared);
  json["bw2_uvp_floor"] = any ? number_or_null(floors->bw2_uvp) : Json();
  json["conditional_bw2_uvp_floor"] =
      row.refused() ? Json() : number_or_null(comparison.conditional_bw2_uvp_floor);
  if (row.refused()) json["refusal"] = row.refusal;
  return json;
}

}  // namespace

Json comparison_to_json(std::span<const Comparison> grid, const std::string& source_label,
                        const std::string& target_label) {
  const Comparison& first = grid.front();
  // Of each comparison; of a single one it stands alone.
  const auto of_each = [&](const auto& value) {
    if (grid.size() == 1) return value(first);
    Json list = Json::array();
    for (const Comparison& comparison : grid) list.push_back(value(comparison));
    return list;
  };
  Json json;
  json["problem"] = {{"source", source_label},
                     {"target", target_label},
                     {"dimension", first.problem.dimension()},
                     {"epsilon", of_each([](const Comparison& c) {
                        return c.regularised() ? Json(c.problem.reference().epsilon()) : Json();
                      })},
                     {"theta", first.problem.reference().theta()},
                     {"samples", first.samples},
                     {"seed", first.seed}};
  // Beside the rows, which are those that were asked for.
  const bool any_truth =
      std::ranges::any_of(grid, [](const Comparison& c) { return c.truth_row.has_value(); });
  json["truth"] = !any_truth ? Json() : of_each([](const Comparison& c) {
    return c.truth_row ? row_json(c, *c.truth_row) : Json();
  });
  json["rows"] = Json::array();
  for (const Comparison& comparison : grid) {
    for (const ComparisonRow& row : comparison.rows)
      json["rows"].push_back(row_json(comparison, row));
  }
  return json;
}

}  // namespace otbridge
