#include "otbridge/io/plan_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

#include "io/place_in_front.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/names.hpp"
#include "otbridge/core/version.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/law_json.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/io/tensors.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge {
namespace {

// Format 1 had no report and repeated clouds; it is still read.
constexpr const char* kFormat = "2";
constexpr const char* kFirstFormat = "1";
constexpr const char* kPlanPrefix = "plan.";
constexpr const char* kEpsilon = "reference.epsilon";
constexpr const char* kTheta = "reference.theta";

// "points" of a finite law, which is stored as tensors, else JSON that can be read back.
std::string law_text(const Law& law, const std::string& side) {
  if (dynamic_cast<const WeightedPoints*>(&law) != nullptr) return "points";
  std::string text = json_text(law_to_json(law));
  check_json(text, "a plan in a file: " + side);
  return text;
}

void put_law(TensorFile& file, const std::string& side, const Law& law) {
  file.metadata[side] = law_text(law, side);
  if (const auto* points = dynamic_cast<const WeightedPoints*>(&law)) {
    file.tensors[side + ".points"] = points->points();
    file.tensors[side + ".weights"] = points->weights();
  }
}

void put_columns(TensorFile& file, const ProblemColumns& columns, Index dimension) {
  Json json = Json::object();
  for (const auto* names : {&columns.source, &columns.target}) {
    if (names->empty() || static_cast<Index>(names->size()) == dimension) continue;
    throw InvalidInput("columns " + joined(*names),
                       "must be " + std::to_string(dimension) + " names, or none");
  }
  if (!columns.source.empty()) json["source"] = columns.source;
  if (!columns.target.empty()) json["target"] = columns.target;
  if (!json.empty()) file.metadata["columns"] = json_text(json);
}

const std::string& text_of(const TensorFile& file, const std::string& key,
                           const std::string& path) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) throw InvalidInput(path, "lacks the metadata \"" + key + "\"");
  return found->second;
}

Points take(TensorFile& file, const std::string& key, const std::string& path) {
  auto node = file.tensors.extract(key);
  if (node.empty()) throw InvalidInput(path, "lacks the tensor \"" + key + "\"");
  return std::move(node.mapped());
}

// Points as tensors, any other law as the JSON that describes it.
Measure take_law(TensorFile& file, const std::string& side, const std::string& path) {
  const std::string& text = text_of(file, side, path);
  if (text != "points") {
    const Json json = parse_json(text, path + ": " + side);
    return law_from_own_json(JsonPlace(json, path + ": " + side));
  }
  Points points = take(file, side + ".points", path);
  const Points weights = take(file, side + ".weights", path);
  if (weights.rows() != points.rows() || weights.cols() != 1) {
    throw InvalidInput(path, "the weights of the " + side + " do not fit its points");
  }
  // They were divided by their sum before they were written.
  if (!(std::abs(weights.sum() - 1.0) <= 1e-9)) {
    throw InvalidInput(path, "the weights of the " + side + " must sum to 1");
  }
  return WeightedPoints(std::move(points), weights.col(0));
}

// To the bit: zeros of either sign differ, so that a plan reads back as it was.
bool same_bytes(const Points& a, const Points& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
  // Arrays without entries have no address to compare.
  return a.size() == 0 || std::memcmp(a.data(), b.data(), to_size(a.size()) * sizeof(double)) == 0;
}

// The plan's arrays as tensors; of one that a law holds already, the name of that. O(bytes).
void put_arrays(TensorFile& file, const std::map<std::string, Points>& arrays) {
  Json shared = Json::object();
  for (const auto& entry : arrays) {
    const std::string& name = entry.first;
    const Points& array = entry.second;
    // Among the laws alone, which are there already: readers find a law under its own name.
    const auto twin = std::ranges::find_if(file.tensors, [&](const auto& other) {
      return !other.first.starts_with(kPlanPrefix) && same_bytes(other.second, array);
    });
    if (twin != file.tensors.end()) {
      shared[kPlanPrefix + name] = twin->first;
    } else {
      file.tensors[kPlanPrefix + name] = array;
    }
  }
  if (!shared.empty()) file.metadata["shared"] = json_text(shared);
}

// Every array under its own name again.
void restore_shared(TensorFile& file, const std::string& path) {
  const auto found = file.metadata.find("shared");
  if (found == file.metadata.end()) return;
  const Json json = parse_json(found->second, path + ": shared");
  const JsonPlace shared(json, path + ": shared");
  if (!json.is_object()) shared.fail("must be an object");
  // Every one is a copy: a short text must not become many large arrays.
  constexpr std::size_t kMostShared = 16;
  if (json.size() > kMostShared) {
    throw InvalidInput(path + ": shared", "names more arrays than a plan has");
  }
  for (const auto& [name, entry] : json.items()) {
    const JsonPlace place = shared.at(name);
    const auto original = file.tensors.find(place.text());
    if (original == file.tensors.end()) place.fail("is no tensor of this file");
    Points copy = original->second;  // before the map grows
    if (!file.tensors.emplace(name, std::move(copy)).second) place.fail("is there itself");
  }
}

// A key that this program does not write says what it does not know.
void check_header(const TensorFile& file, const std::string& path) {
  const std::string& format = text_of(file, "otbridge_plan", path);
  if (format != kFormat && format != kFirstFormat) {
    throw InvalidInput(path, "is of plan format " + format + ", this program reads " +
                                 kFirstFormat + " and " + kFormat);
  }
  static constexpr std::array<std::string_view, 9> kKeys{"otbridge_plan", "version", "solver",
                                                         "numbers",       "report",  "shared",
                                                         "source",        "target",  "columns"};
  for (const auto& [key, value] : file.metadata) {
    if (std::ranges::find(kKeys, key) != kKeys.end()) continue;
    if (format == kFirstFormat && key == "texts") continue;  // held nothing
    throw InvalidInput(path, "holds the unknown metadata \"" + key + "\"");
  }
}

// The numbers of the reference, and of the solver into the state.
ReferenceProcess take_numbers(const TensorFile& file, PlanState& state, const std::string& path) {
  const Json json = parse_json(text_of(file, "numbers", path), path + ": numbers");
  const JsonPlace numbers(json, path + ": numbers");
  if (!json.is_object()) numbers.fail("must be an object");
  for (const auto& item : json.items()) {
    if (item.key() == kEpsilon || item.key() == kTheta) continue;
    state.numbers[item.key()] = numbers.at(item.key()).number();
  }
  return ReferenceProcess(numbers.at(kEpsilon).number(), numbers.at(kTheta).number());
}

// An object of a list of d texts for each law that has names.
ProblemColumns take_columns(const TensorFile& file, Index dimension, const std::string& path) {
  const auto found = file.metadata.find("columns");
  if (found == file.metadata.end()) return {};
  const Json json = parse_json(found->second, path + ": columns");
  const JsonPlace place(json, path + ": columns");
  place.allow_only(std::vector<std::string>{"source", "target"});
  const auto names = [&](const char* side) {
    std::vector<std::string> list;
    if (!place.has(side)) return list;
    const JsonPlace of_side = place.at(side);
    if (!of_side.value().is_array() || static_cast<Index>(of_side.size()) != dimension) {
      of_side.fail("must be a list of " + std::to_string(dimension) + " texts");
    }
    for (std::size_t c = 0; c < of_side.size(); ++c) list.push_back(of_side.at(c).text());
    return list;
  };
  return {names("source"), names("target")};
}

// What no law has taken out of the file.
void take_arrays(TensorFile& file, PlanState& state, const std::string& path) {
  for (auto& [name, tensor] : file.tensors) {
    if (!name.starts_with(kPlanPrefix))
      throw InvalidInput(path, "holds an unknown tensor \"" + name + "\"");
    state.arrays[name.substr(std::string_view(kPlanPrefix).size())] = std::move(tensor);
  }
}

PlanFile plan_in(TensorFile file, const std::string& path) {
  check_header(file, path);
  // Before the laws are taken out of the file, which some of the plan's arrays are.
  restore_shared(file, path);
  PlanState state;
  state.solver = text_of(file, "solver", path);
  const Solver& solver = find_solver(state.solver);
  const ReferenceProcess reference = take_numbers(file, state, path);
  Measure source = take_law(file, "source", path), target = take_law(file, "target", path);
  share_law(source, target);
  const TransportProblem problem(std::move(source), std::move(target), reference);
  take_arrays(file, state, path);
  PlanFile result;
  result.plan = solver.restore(problem, state);
  result.version = text_of(file, "version", path);
  result.columns = take_columns(file, problem.dimension(), path);
  if (file.metadata.contains("report")) {
    const Json json = parse_json(file.metadata["report"], path + ": report");
    result.report = report_from_json(JsonPlace(json, path + ": report"), state.solver, problem);
  }
  return result;
}

}  // namespace

const std::vector<std::string>& ProblemColumns::at(Direction direction) const {
  const bool forward = direction == Direction::forward;
  const std::vector<std::string>&start = forward ? source : target,
        &end = forward ? target : source;
  return start.empty() ? end : start;
}

SolveReport unknown_run(const TransportPlan& plan) {
  const TransportProblem& problem = plan.problem();
  SolveReport report;
  report.solver = plan.name();
  report.dimension = problem.dimension();
  report.regularised = find_solver(plan.name()).regularised();
  report.epsilon = problem.reference().epsilon();
  report.theta = problem.reference().theta();
  return report;
}

void check_storable(const TransportProblem& problem) {
  constexpr std::size_t kRest = std::size_t{1} << 20;  // of the header, beside the laws
  const Json laws{{"source", law_text(*problem.source(), "source")},
                  {"target", law_text(*problem.target(), "target")}};
  check_json(json_text(laws) + std::string(kRest, ' '), "a plan in a file");
}

std::string encode_plan(const TransportPlan& plan, const SolveReport* report,
                        const ProblemColumns& columns) {
  const PlanState state = plan.state();
  const TransportProblem& problem = plan.problem();
  TensorFile file;
  file.metadata["otbridge_plan"] = kFormat;
  file.metadata["version"] = kVersion;
  file.metadata["solver"] = state.solver;
  Json numbers = {{kEpsilon, problem.reference().epsilon()}, {kTheta, problem.reference().theta()}};
  for (const auto& [name, value] : state.numbers) numbers[name] = value;
  file.metadata["numbers"] = json_text(numbers);
  if (report != nullptr) file.metadata["report"] = json_text(lasting_report(*report));
  put_columns(file, columns, problem.dimension());
  put_law(file, "source", *problem.source());
  put_law(file, "target", *problem.target());
  put_arrays(file, state.arrays);
  return encode_tensors(file);
}

void write_plan(const TransportPlan& plan, const std::string& path, const SolveReport* report,
                const ProblemColumns& columns) {
  write_file(path, encode_plan(plan, report, columns));
}

void write_plan(const Solution& solution, const std::string& path, const ProblemColumns& columns) {
  write_plan(*solution.plan, path, &solution.report, columns);
}

// Everything inside names its own place; the file is named in front of whatever does not.
PlanFile parse_plan(const std::string& bytes, const std::string& name) {
  return place_in_front(name, [&] { return plan_in(parse_tensors(bytes, name), name); });
}

PlanFile read_plan_file(const std::string& path) { return parse_plan(read_file(path), path); }

std::unique_ptr<const TransportPlan> read_plan(const std::string& path) {
  return read_plan_file(path).plan;
}

bool is_plan_file(const std::string& path) { return path.ends_with(".safetensors"); }

}  // namespace otbridge
