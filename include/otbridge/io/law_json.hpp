// Laws and problems as JSON; the published schema is docs/schema/law.schema.json and
// problem.schema.json.
#pragma once

#include <optional>
#include <string>

#include "otbridge/io/cloud.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/measure/measure.hpp"
#include "otbridge/solve/settings.hpp"

namespace otbridge {

// A law as the user named it, with the cloud it came from where it is one (ids, column names).
struct NamedLaw {
  Measure law;
  std::optional<Cloud> cloud;
  std::string label;  // short, for titles: "moons@torchcfm", "scan_source.ply", "gaussian"
};

// LAW of the command line: a JSON file, a cloud file, a toy name with optional @preset, literal
// JSON.
NamedLaw read_law(const std::string& argument);
// Relative paths inside are relative to folder.
NamedLaw law_from_json(const JsonPlace& place, const std::string& folder);
// The JSON that law_from_json reads back to the same law (points are written inline).
Json law_to_json(const Law& law);

// A problem file. Fields not given stay empty; the caller supplies its defaults.
struct ProblemFile {
  NamedLaw source, target;
  std::optional<double> epsilon, epsilon_relative;
  double theta = 0.0;
  std::optional<Index> samples;
  std::optional<std::uint64_t> seed;
  std::string solver;  // empty: not given
  SettingAssignments settings;
};
ProblemFile read_problem(const std::string& path);
ProblemFile problem_from_json(const JsonPlace& place, const std::string& folder);
// Whether the file holds a problem (has "source") rather than a law. Throws as read_law does.
bool is_problem_file(const std::string& path);

// KEY=VALUE of --set: the value is JSON (1e-6, true, [64,64]) or else text.
std::pair<std::string, SettingValue> parse_assignment(const std::string& argument);
SettingValue setting_value(const JsonPlace& place);

}  // namespace otbridge
