#include <filesystem>

#include "io/law_keys.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/law_json.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge {

std::vector<std::string> problem_keys() {
  return {"description", "source", "target", "reference", "samples", "seed", "solver"};
}

std::vector<std::string> reference_keys() { return {"epsilon", "epsilon_relative", "theta"}; }

SettingValue setting_value(const JsonPlace& place) {
  const Json& value = place.value();
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return place.integer();
  if (value.is_number()) return place.number();
  if (value.is_string()) return value.get<std::string>();
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
  if (Json::accept(text)) {
    const Json json = parse_json(text, key);
    return {key, setting_value(JsonPlace(json, key))};
  }
  return {key, text};
}

ProblemFile problem_from_json(const JsonPlace& place, const std::string& folder) {
  place.allow_only(problem_keys());
  ProblemFile problem{law_from_json(place.at("source"), folder),
                      law_from_json(place.at("target"), folder),
                      {},
                      {},
                      0.0,
                      {},
                      {},
                      {},
                      {}};
  if (place.has("reference")) {
    const JsonPlace reference = place.at("reference");
    reference.allow_only(reference_keys());
    if (reference.has("epsilon") && reference.has("epsilon_relative")) {
      reference.fail("needs one of epsilon and epsilon_relative, not both");
    }
    const auto positive = [](const JsonPlace& at) {
      const double value = at.number();
      if (!(value > 0.0)) at.fail("must be > 0");
      return value;
    };
    if (reference.has("epsilon")) problem.epsilon = positive(reference.at("epsilon"));
    if (reference.has("epsilon_relative"))
      problem.epsilon_relative = positive(reference.at("epsilon_relative"));
    if (reference.has("theta")) {
      problem.theta = reference.at("theta").number();
      if (problem.theta < 0.0) reference.at("theta").fail("must be >= 0");
    }
  }
  if (place.has("samples")) {
    const long long samples = place.at("samples").integer();
    if (samples < 1 || samples > 1'000'000'000'000)
      place.at("samples").fail("must be from 1 to 1e12");
    problem.samples = samples;
  }
  if (place.has("seed")) {
    const long long seed = place.at("seed").integer();
    if (seed < 0) place.at("seed").fail("must be >= 0");
    problem.seed = static_cast<std::uint64_t>(seed);
  }
  if (place.has("solver")) {
    const JsonPlace solver = place.at("solver");
    if (solver.value().is_string()) {
      problem.solver = solver.text();
    } else {
      problem.solver = solver.at("name").text();
      for (const auto& item : solver.value().items()) {
        if (item.key() != "name")
          problem.settings.emplace_back(item.key(), setting_value(solver.at(item.key())));
      }
    }
    try {
      find_solver(problem.solver).check(problem.settings);
    } catch (const InvalidInput& refusal) {
      throw InvalidInput(place.file() + ": " + refusal.what());
    }
  }
  return problem;
}

ProblemFile read_problem(const std::string& path) {
  const bool literal = path.starts_with("{");
  const std::string name = literal ? "problem" : path;
  const Json json = parse_json(literal ? path : read_file(path), name);
  return problem_from_json(JsonPlace(json, name),
                           literal ? "" : std::filesystem::path(path).parent_path().string());
}

bool is_problem_file(const std::string& path) {
  const bool literal = path.starts_with("{");
  if (!literal && std::filesystem::path(path).extension() != ".json") return false;
  const Json json = parse_json(literal ? path : read_file(path), literal ? "problem" : path);
  return json.is_object() && json.contains("source");
}

}  // namespace otbridge
