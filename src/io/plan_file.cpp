#include "otbridge/io/plan_file.hpp"

#include "otbridge/core/error.hpp"
#include "otbridge/core/version.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/law_json.hpp"
#include "otbridge/io/tensors.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge {
namespace {

constexpr const char* kFormat = "1";

// A finite law is stored as tensors, any other as its JSON.
void put_law(TensorFile& file, const std::string& side, const Law& law) {
  if (const auto* points = dynamic_cast<const WeightedPoints*>(&law)) {
    file.metadata[side] = "points";
    file.tensors[side + ".points"] = points->points();
    file.tensors[side + ".weights"] = points->weights();
  } else {
    file.metadata[side] = law_to_json(law).dump();
  }
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
    return law_from_json(JsonPlace(json, path + ": " + side), "").law;
  }
  Points points = take(file, side + ".points", path);
  const Points weights = take(file, side + ".weights", path);
  if (weights.rows() != points.rows() || weights.cols() != 1) {
    throw InvalidInput(path, "the weights of the " + side + " do not fit its points");
  }
  return WeightedPoints(std::move(points), weights.col(0));
}

}  // namespace

void write_plan(const TransportPlan& plan, const std::string& path) {
  const PlanState state = plan.state();
  const TransportProblem& problem = plan.problem();
  TensorFile file;
  file.metadata["otbridge_plan"] = kFormat;
  file.metadata["version"] = kVersion;
  file.metadata["solver"] = state.solver;
  Json numbers = {{"reference.epsilon", problem.reference().epsilon()},
                  {"reference.theta", problem.reference().theta()}};
  for (const auto& [name, value] : state.numbers) numbers[name] = value;
  file.metadata["numbers"] = numbers.dump();
  file.metadata["texts"] = Json(state.texts).dump();
  put_law(file, "source", *problem.source());
  put_law(file, "target", *problem.target());
  for (const auto& [name, array] : state.arrays) file.tensors["plan." + name] = array;
  write_file(path, encode_tensors(file));
}

std::unique_ptr<const TransportPlan> read_plan(const std::string& path) {
  TensorFile file = parse_tensors(read_file(path), path);
  const std::string& format = text_of(file, "otbridge_plan", path);
  if (format != kFormat) {
    throw InvalidInput(path, "is of plan format " + format + ", this program reads " + kFormat);
  }
  PlanState state;
  state.solver = text_of(file, "solver", path);
  const Json numbers_json = parse_json(text_of(file, "numbers", path), path + ": numbers");
  const JsonPlace numbers(numbers_json, path + ": numbers");
  if (!numbers_json.is_object()) numbers.fail("must be an object");
  for (const auto& item : numbers_json.items())
    state.numbers[item.key()] = numbers.at(item.key()).number();
  const Json texts_json = parse_json(text_of(file, "texts", path), path + ": texts");
  const JsonPlace texts(texts_json, path + ": texts");
  if (!texts_json.is_null()) {
    for (const auto& item : texts_json.items())
      state.texts[item.key()] = texts.at(item.key()).text();
  }
  const ReferenceProcess reference(state.number("reference.epsilon"),
                                   state.number("reference.theta"));
  state.numbers.erase("reference.epsilon");
  state.numbers.erase("reference.theta");
  const TransportProblem problem(take_law(file, "source", path), take_law(file, "target", path),
                                 reference);
  for (auto& [name, tensor] : file.tensors) {
    if (!name.starts_with("plan."))
      throw InvalidInput(path, "holds an unknown tensor \"" + name + "\"");
    state.arrays[name.substr(5)] = std::move(tensor);
  }
  return find_solver(state.solver).restore(problem, state);
}

bool is_plan_file(const std::string& path) { return path.ends_with(".safetensors"); }

}  // namespace otbridge
