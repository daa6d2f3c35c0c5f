#include "otbridge/io/comparison_json.hpp"

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

// Every key is there in every row, so that a table of rows has no holes but nulls.
Json row_json(const Comparison& comparison, const ComparisonRow& row) {
  const auto& score = row.score;
  // Null where there is no score, and where a number is not finite: JSON has no infinity.
  const auto of = [&](double PushforwardScore::*member) {
    return score ? number_or_null((*score).*member) : Json();
  };
  const BridgeScore bridge = row.bridge.value_or(BridgeScore{});
  Json json{{"solver", row.solver},
            {"seconds", row.refused() ? Json() : Json(row.report.seconds)},
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
            {"report", row.refused() ? Json() : report_to_json(row.report)}};
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

Json comparison_to_json(const Comparison& comparison, const std::string& source_label,
                        const std::string& target_label) {
  const ReferenceProcess& reference = comparison.problem.reference();
  Json json;
  json["problem"] = {{"source", source_label},
                     {"target", target_label},
                     {"dimension", comparison.problem.dimension()},
                     {"epsilon", reference.epsilon()},
                     {"theta", reference.theta()},
                     {"samples", comparison.samples},
                     {"seed", comparison.seed}};
  // Beside the rows, which are those that were asked for.
  json["truth"] = comparison.truth_row ? row_json(comparison, *comparison.truth_row) : Json();
  json["rows"] = Json::array();
  for (const ComparisonRow& row : comparison.rows)
    json["rows"].push_back(row_json(comparison, row));
  return json;
}

}  // namespace otbridge
