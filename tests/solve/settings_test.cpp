#include "otbridge/solve/settings.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "otbridge/core/error.hpp"

using namespace otbridge;

namespace {

struct Sample {
  double tolerance = 1e-6;
  Index iterations = 100;
  bool scaling = true;
  std::string mode = "auto";
  std::vector<Index> hidden = {64, 64};
};

std::vector<SettingField> describe(Sample& s) {
  return {{"tolerance", "L1 error", &s.tolerance, {.low = 0.0, .low_open = true}},
          {"iterations", "limit", &s.iterations, {.low = 1, .high = 1000}},
          {"scaling", "switch", &s.scaling},
          {"mode", "choice", &s.mode, {}, {"auto", "single"}},
          {"hidden", "widths", &s.hidden, {.low = 1}}};
}

std::string refusal(const std::string& key, const SettingValue& value) {
  Sample s;
  try {
    assign_setting(describe(s), key, value);
  } catch (const InvalidInput& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("settings take what fits their kind and range") {
  Sample s;
  const auto fields = describe(s);
  assign_setting(fields, "tolerance", 1LL);
  assign_setting(fields, "iterations", 1e3);
  assign_setting(fields, "scaling", false);
  assign_setting(fields, "mode", std::string("single"));
  assign_setting(fields, "hidden", std::vector<long long>{8});
  CHECK(s.tolerance == 1.0);
  CHECK(s.iterations == 1000);
  CHECK(s.scaling == false);
  CHECK(s.mode == "single");
  CHECK(s.hidden == std::vector<Index>{8});
}

TEST_CASE("a refusal names the place, the value and the rule") {
  CHECK(refusal("tolerance", 0.0) == "/solver/tolerance = 0: must be > 0");
  CHECK(refusal("tolerance", std::numeric_limits<double>::quiet_NaN()) ==
        "/solver/tolerance = nan: must be > 0");
  CHECK(refusal("tolerance", true) == "/solver/tolerance = true: must be a number");
  CHECK(refusal("iterations", 2.5) == "/solver/iterations = 2.5: must be a whole number");
  CHECK(refusal("iterations", 1001LL) == "/solver/iterations = 1001: must be in [1, 1000]");
  CHECK(refusal("scaling", 1LL) == "/solver/scaling = 1: must be true or false");
  CHECK(refusal("mode", std::string("fast")) ==
        "/solver/mode = \"fast\": must be one of auto, single");
  CHECK(refusal("hidden", std::vector<long long>{8, 0}) ==
        "/solver/hidden = [8, 0]: each entry must be >= 1");
  CHECK(refusal("tolerence", 1.0) ==
        "/solver/tolerence: unknown setting; did you mean \"tolerance\"?");
  CHECK(refusal("xyz", 1.0).find("known are tolerance, iterations") != std::string::npos);
}

TEST_CASE("tables show kind, range and default") {
  Sample s;
  const auto rows = setting_rows(describe(s));
  REQUIRE(rows.size() == 5);
  CHECK(rows[0].range == "> 0");
  CHECK(rows[0].default_value == "1e-06");
  CHECK(rows[1].range == "[1, 1000]");
  CHECK(rows[3].range == "auto | single");
  CHECK(rows[4].kind == "integers");
  CHECK(rows[4].default_value == "[64, 64]");
}
