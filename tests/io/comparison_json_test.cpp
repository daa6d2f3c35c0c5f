#include "otbridge/io/comparison_json.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "otbridge/io/json.hpp"
#include "otbridge/measure/gaussian.hpp"

using namespace otbridge;

namespace {

Comparison two_rows() {
  const Gaussian law(Vector::Zero(2), Matrix::Identity(2, 2));
  Comparison comparison{
      {law, law, ReferenceProcess(0.25, 0.5)},    3, 9, WeightedPoints(Points(Points::Zero(3, 2))),
      WeightedPoints(Points(Points::Zero(3, 2))), {}};
  ComparisonRow scored{.solver = "first"};
  scored.report.solver = "first";
  scored.report.seconds = 1.5;
  PushforwardScore score;
  score.samples = 3;
  score.w2_samples = 2;
  score.w2 = 0.5;
  score.w1 = 0.375;
  score.sliced_w2 = std::numeric_limits<double>::infinity();
  score.energy_distance = 0.125;
  score.mmd_squared = 0.0625;
  score.transport_cost = 4.0;
  score.bw2_uvp = 1.5;
  scored.score = score;
  scored.bridge = BridgeScore{2.0, 1.0, 0.75, std::nullopt};
  scored.truth = TruthScore{0.75, 8.0, std::nullopt};
  comparison.rows.push_back(scored);
  comparison.rows.push_back({.solver = "second", .refusal = "not that law"});
  comparison.reference = ReferenceKind::truth;
  SamplingFloors floors;
  floors.distances.w2 = 0.25;
  floors.distances.mmd_squared = 0.03125;
  comparison.floors = floors;
  comparison.conditional_bw2_uvp_floor = 0.5;
  return comparison;
}

}  // namespace

TEST_CASE("a comparison as JSON has the keys of the contract, and null where there is no number") {
  const Comparison comparison = two_rows();
  const Json json = comparison_to_json({&comparison, 1}, "left", "right");
  CHECK(json["problem"] == Json{{"source", "left"},
                                {"target", "right"},
                                {"dimension", 2},
                                {"epsilon", 0.25},
                                {"theta", 0.5},
                                {"samples", 3},
                                {"seed", 9}});
  REQUIRE(json["rows"].size() == 2);
  const Json& scored = json["rows"][0];
  CHECK(scored["solver"] == "first");
  CHECK(scored["seconds"] == 1.5);
  CHECK(scored["w2"] == 0.5);
  CHECK(scored["sliced_w2"].is_null());  // infinite
  CHECK(scored["energy_distance"] == 0.125);
  CHECK(scored["transport_cost"] == 4.0);
  CHECK(scored["path_energy"].is_null());  // not given
  CHECK(scored["samples"] == 3);
  CHECK(scored["w2_samples"] == 2);
  CHECK(scored["truth"] == Json{{"map_rmse", 0.75}, {"value", 8.0}, {"value_error", nullptr}});
  CHECK(scored["mmd_squared"] == 0.0625);
  CHECK(scored["w1"] == 0.375);
  CHECK(scored["bw2_uvp"] == 1.5);
  CHECK(scored["reference_kind"] == "truth");
  CHECK(scored["path_kl"] == 2.0);
  CHECK(scored["drift_rmse"] == 1.0);
  CHECK(scored["map_rmse"] == 0.75);
  CHECK(scored["conditional_bw2_uvp"].is_null());
  CHECK(scored["w2_floor"] == 0.25);
  CHECK(scored["mmd_squared_floor"] == 0.03125);
  CHECK(scored["bw2_uvp_floor"].is_null());
  CHECK(scored["conditional_bw2_uvp_floor"] == 0.5);
  CHECK(scored["report"]["solver"] == "first");
  CHECK(scored["report"]["plan_entropy"].is_null());
  CHECK_FALSE(scored.contains("refusal"));

  const Json& refused = json["rows"][1];
  CHECK(refused["refusal"] == "not that law");
  for (const char* key : {"seconds",
                          "w2",
                          "sliced_w2",
                          "energy_distance",
                          "transport_cost",
                          "path_energy",
                          "samples",
                          "w2_samples",
                          "truth",
                          "report",
                          "mmd_squared",
                          "bw2_uvp",
                          "reference_kind",
                          "path_kl",
                          "drift_rmse",
                          "map_rmse",
                          "conditional_bw2_uvp",
                          "w1",
                          "w1_floor",
                          "w2_floor",
                          "sliced_w2_floor",
                          "energy_distance_floor",
                          "mmd_squared_floor",
                          "bw2_uvp_floor",
                          "conditional_bw2_uvp_floor"}) {
    CAPTURE(key);
    REQUIRE(refused.contains(key));
    CHECK(refused[key].is_null());
  }
}
