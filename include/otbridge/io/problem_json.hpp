// Problems as JSON; the published schema is docs/schema/problem.schema.json.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/io/law_json.hpp"
#include "otbridge/problem/problem.hpp"
#include "otbridge/solve/settings.hpp"

namespace otbridge {

// Why a known problem takes no relative epsilon.
inline constexpr const char* kKnownEpsilon =
    "must be absolute for a known problem, whose laws depend on it: give epsilon";

// A problem whose bridge is known (known/known_problem.hpp), by its "known" object. One of its laws
// depends on the reference process.
struct KnownProblem {
  std::function<TransportProblem(const ReferenceProcess&)> problem;
  std::string source_label, target_label;  // as NamedLaw's
  std::optional<Cloud> target_cloud = {};  // where the target is a cloud that was read
  std::vector<std::string> notes = {};     // as NamedLaw's
};

// A problem file. Fields not given stay empty; the caller supplies its defaults.
struct ProblemFile {
  std::optional<NamedLaw> source = {}, target = {};  // empty where the problem is a known one
  std::optional<KnownProblem> known = {};
  std::optional<double> epsilon = {}, epsilon_relative = {};  // at most one is given
  double theta = 0.0;
  std::optional<Index> samples = {};
  std::optional<std::uint64_t> seed = {};
  std::string solver = {};  // empty: not given
  SettingAssignments settings = {};
};
// Of its laws, a line each; the same file twice says the same once.
std::vector<std::string> notes_of(const ProblemFile& file);
// path may be literal JSON, starting with "{". Throws InvalidInput naming file, pointer, value and
// rule; the solver's settings are checked too.
ProblemFile read_problem(const std::string& path);
ProblemFile problem_from_json(const JsonPlace& place, const std::string& folder);
// Whether the file holds a problem (has "source" or "known") rather than a law. Throws as read_law
// does.
bool is_problem_file(const std::string& path);

// KEY=VALUE of --set: the value is JSON (1e-6, true, [64,64]) or else text.
std::pair<std::string, SettingValue> parse_assignment(const std::string& argument);
SettingValue setting_value(const JsonPlace& place);

}  // namespace otbridge
