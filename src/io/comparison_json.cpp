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

// Every key is there in every row, so that a table of rows has no holes but nulls.
Json row_json(const ComparisonRow& row) {
  const auto& score = row.score;
  // Null where there is no score, and where a number is not finite: JSON has no infinity.
  const auto of = [&](double PushforwardScore::*member) {
    return score ? number_or_null((*score).*member) : Json();
  };
  Json json{{"solver", row.solver},
            {"seconds", row.refused() ? Json() : Json(row.report.seconds)},
            {"w2", of(&PushforwardScore::w2)},
            {"sliced_w2", of(&PushforwardScore::sliced_w2)},
            {"energy_distance", of(&PushforwardScore::energy_distance)},
            {"transport_cost", of(&PushforwardScore::transport_cost)},
            {"path_energy", score ? number_or_null(score->path_energy) : Json()},
            {"samples", score ? Json(score->samples) : Json()},
            {"w2_samples", score ? Json(score->w2_samples) : Json()},
            {"truth", row.truth ? truth_json(*row.truth) : Json()},
            {"report", row.refused() ? Json() : report_to_json(row.report)}};
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
  json["rows"] = Json::array();
  for (const ComparisonRow& row : comparison.rows) json["rows"].push_back(row_json(row));
  return json;
}

}  // namespace otbridge
