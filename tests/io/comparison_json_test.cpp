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
  scored.score =
      PushforwardScore{3, 2, 0.5, std::numeric_limits<double>::infinity(), 0.125, 4.0, {}};
  scored.truth = TruthScore{0.75, 8.0, std::nullopt};
  comparison.rows.push_back(scored);
  comparison.rows.push_back({.solver = "second", .refusal = "not that law"});
  return comparison;
}

}  // namespace

TEST_CASE("a comparison as JSON has the keys of the contract, and null where there is no number") {
  const Json json = comparison_to_json(two_rows(), "left", "right");
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
  CHECK(scored["report"]["solver"] == "first");
  CHECK_FALSE(scored.contains("refusal"));

  const Json& refused = json["rows"][1];
  CHECK(refused["refusal"] == "not that law");
  for (const char* key : {"seconds", "w2", "sliced_w2", "energy_distance", "transport_cost",
                          "path_energy", "samples", "w2_samples", "truth", "report"}) {
    CAPTURE(key);
    REQUIRE(refused.contains(key));
    CHECK(refused[key].is_null());
  }
}
