#include "otbridge/io/problem_json.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "io/known_json.hpp"
#include "io/problem_keys.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge {
namespace {

// Literal JSON stands where a path could: no file of this kind begins with a brace.
bool is_literal(const std::string& path) { return path.starts_with("{"); }
std::string name_of_file(const std::string& path) { return is_literal(path) ? "problem" : path; }
Json read_json(const std::string& path) {
  return parse_json(is_literal(path) ? path : read_file(path), name_of_file(path));
}

double positive(const JsonPlace& place) {
  const double value = place.number();
  if (!(value > 0.0)) place.fail("must be > 0");
  return value;
}

void read_reference(const JsonPlace& place, ProblemFile& problem) {
  place.allow_only(reference_keys());
  // Two numbers for one quantity would have to agree.
  if (place.has("epsilon") && place.has("epsilon_relative")) {
    place.fail("needs one of epsilon and epsilon_relative, not both");
  }
  if (place.has("epsilon")) problem.epsilon = positive(place.at("epsilon"));
  if (place.has("epsilon_relative")) {
    problem.epsilon_relative = positive(place.at("epsilon_relative"));
  }
  if (place.has("theta")) {
    problem.theta = place.at("theta").number();
    if (problem.theta < 0.0) place.at("theta").fail("must be >= 0");
  }
}

// A name, or an object of the name and the settings, whose keys are the solver's own.
void read_solver(const JsonPlace& place, ProblemFile& problem) {
  if (place.value().is_string()) {
    problem.solver = place.text();
  } else {
    problem.solver = place.at("name").text();
    for (const auto& item : place.value().items()) {
      if (item.key() != "name")
        problem.settings.emplace_back(item.key(), setting_value(place.at(item.key())));
    }
  }
  try {
    // The pointers of settings start at /solver already.
    find_solver(problem.solver).check(problem.settings);
  } catch (const InvalidInput& refusal) {
    throw InvalidInput(place.file() + ": " + refusal.what());
  }
}

}  // namespace

std::vector<std::string> problem_keys() {
  return {"description", "source", "target", "known", "reference", "samples", "seed", "solver"};
}

std::vector<std::string> reference_keys() { return {"epsilon", "epsilon_relative", "theta"}; }

SettingValue setting_value(const JsonPlace& place) {
  const Json& value = place.value();
  if (value.is_boolean()) return value.get<bool>();
  // Whole before real, with all its digits; a setting that is a real number takes it too.
  if (value.is_number_integer()) return place.integer();
  if (value.is_number()) return place.number();
  if (value.is_string()) return value.get<std::string>();
  // The one list that settings know: whole numbers, the widths of a network.
  if (!value.is_array())
    place.fail("must be a number, true or false, a text, or a list of whole numbers");
  std::vector<long long> list;
  for (std::size_t i = 0; i < place.size(); ++i) list.push_back(place.at(i).integer());
  return list;
}

std::pair<std::string, SettingValue> parse_assignment(const std::string& argument) {
  const auto equals = argument.find('=');
  if (equals == std::string::npos || equals == 0) throw InvalidInput(argument, "must be KEY=VALUE");
  const std::string key = argument.substr(0, equals), text = argument.substr(equals + 1);
  // Not JSON is text, so that choices need no quotes: precision=double.
  if (Json::accept(text)) {
    const Json json = parse_json(text, key);
    return {key, setting_value(JsonPlace(json, key))};
  }
  return {key, text};
}

ProblemFile problem_from_json(const JsonPlace& place, const std::string& folder) {
  place.allow_only(problem_keys());
  ProblemFile problem;
  if (place.has("known")) {
    if (place.has("source") || place.has("target")) {
      place.fail("needs \"known\" or \"source\" and \"target\", not both");
    }
    problem.known = known_from_json(place.at("known"), folder);
  } else {
    problem.source = law_from_json(place.at("source"), folder);
    problem.target = law_from_json(place.at("target"), folder);
    problem.target = in_order_of(*problem.source, std::move(*problem.target));
  }
  if (place.has("reference")) read_reference(place.at("reference"), problem);
  if (problem.known && problem.epsilon_relative) {
    place.at("reference").at("epsilon_relative").fail(kKnownEpsilon);
  }
  if (place.has("samples")) {
    const long long samples = place.at("samples").integer();
    // As --samples on the command line.
    if (samples < 1 || samples > 1'000'000'000'000)
      place.at("samples").fail("must be from 1 to 1e12");
    problem.samples = samples;
  }
  if (place.has("seed")) {
    const long long seed = place.at("seed").integer();
    // JSON whole numbers end at 2^53 here; the command line takes all 64 bits.
    if (seed < 0) place.at("seed").fail("must be >= 0");
    problem.seed = static_cast<std::uint64_t>(seed);
  }
  if (place.has("solver")) read_solver(place.at("solver"), problem);
  return problem;
}

std::vector<std::string> notes_of(const ProblemFile& file) {
  if (file.known) return file.known->notes;
  std::vector<std::string> notes = file.source->notes;
  std::ranges::copy_if(file.target->notes, std::back_inserter(notes), [&](const auto& note) {
    return std::ranges::find(file.source->notes, note) == file.source->notes.end();
  });
  return notes;
}

ProblemFile read_problem(const std::string& path) {
  const Json json = read_json(path);
  return problem_from_json(
      JsonPlace(json, name_of_file(path)),
      is_literal(path) ? "" : std::filesystem::path(path).parent_path().string());
}

bool is_problem_file(const std::string& path) {
  if (!is_literal(path) && std::filesystem::path(path).extension() != ".json") return false;
  const Json json = read_json(path);
  return json.is_object() && (json.contains("source") || json.contains("known"));
}

}  // namespace otbridge
