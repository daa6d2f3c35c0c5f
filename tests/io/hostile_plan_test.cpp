// Plan files that no program of ours wrote: refused with their name, and never more than refused.
#include <doctest/doctest.h>

#include <cmath>

#include "folder.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/io/tensors.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/measure/toy.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "otbridge/solvers/exact.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/sinkhorn.hpp"

using namespace otbridge;
using namespace otbridge::testing;

namespace {

// A plan's file in a folder of its own, to be written anew with something else inside.
class PlanOnFile {
 public:
  explicit PlanOnFile(const Solution& solution) : path_(folder_ / "plan.safetensors") {
    write_plan(solution, path_);
    file_ = parse_tensors(read_file(path_), path_);
  }

  const TensorFile& file() const { return file_; }

  // What is said of the file after change(file), without its name in front; empty if it is read.
  template <class Change>
  std::string refusal(Change&& change) const {
    TensorFile changed = file_;
    change(changed);
    write_file(path_, encode_tensors(changed));
    try {
      read_plan_file(path_);
    } catch (const InvalidInput& refused) {
      const std::string message = refused.what();
      REQUIRE(message.starts_with(path_ + ": "));
      CHECK(message.find(path_, 1) == std::string::npos);
      return message.substr(path_.size() + 2);
    }
    return "";
  }
  // With another text under a key of the metadata; with an entry of a tensor set.
  std::string with_text(const std::string& key, const std::string& text) const {
    return refusal([&](TensorFile& file) { file.metadata[key] = text; });
  }
  std::string with_entry(const std::string& name, Index row, Index column, double value) const {
    return refusal([&](TensorFile& file) { file.tensors.at(name)(row, column) = value; });
  }

 private:
  Folder folder_;
  std::string path_;
  TensorFile file_;
};

const WeightedPoints kThree(Points{{0.0, 0.0}, {1.0, 2.0}, {3.0, 1.0}},
                            Vector(Eigen::Vector3d(1, 1, 2)));
const WeightedPoints kTwo(Points{{0.0, 1.0}, {2.0, 2.0}});
const Gaussian kRound = Gaussian::isotropic(Vector::Zero(2), 1.0);

}  // namespace

TEST_CASE("names of columns are a text for each coordinate") {
  const PlanOnFile plan(solve_gaussian({kRound, kRound, ReferenceProcess(1.0)}));
  const auto refused = [&](const std::string& json) { return plan.with_text("columns", json); };
  CHECK(refused(R"({"source": ["x", "y"]})").empty());
  CHECK(refused(R"({"source": ["x"]})") == "columns: /source = [\"x\"]: must be a list of 2 texts");
  CHECK(refused(R"({"target": "xy"})").ends_with("must be a list of 2 texts"));
  CHECK(refused(R"({"target": ["x", 1]})").starts_with("columns: /target/1 = 1: "));
  CHECK(refused(R"({"end": ["x", "y"]})").starts_with("columns: /end: unknown key"));
  CHECK(refused("[]").starts_with("columns: "));
}

TEST_CASE("a law in a plan names no file, standard input or bare word, at any depth") {
  const PlanOnFile plan(solve_gaussian({kRound, kRound, ReferenceProcess(1.0)}));
  const std::string file = R"({"type": "points", "file": "/dev/null"})";
  CHECK(plan.with_text("source", file) ==
        "source: /file: unknown key; known are type, points, "
        "weights");
  CHECK(plan.with_text("source", R"("-")") ==
        "source: / = \"-\": must be an object, which names no file");
  CHECK(plan.with_text("source", R"("moons")").ends_with("which names no file"));
  CHECK(
      plan.with_text("source", R"({"type": "mixture", "weights": [1], "components": ["a.csv"]})") ==
      "source: /components/0 = \"a.csv\": must be an object, which names no file");
  CHECK(plan.with_text("source", R"({"type": "mixture", "components": [)" + file + "]}")
            .starts_with("source: /components/0/file: unknown key"));
  CHECK(plan.with_text("source", R"({"type": "pushforward", "base": "a.json", "transforms": []})")
            .starts_with("source: /base = \"a.json\": must be an object"));
}

TEST_CASE("a law in a plan takes no more memory than its text") {
  const PlanOnFile plan(solve_gaussian({kRound, kRound, ReferenceProcess(1.0)}));
  CHECK(plan.with_text("source", R"({"type": "gaussian", "mean": 0, "dimension": 4096, "std": 1})")
            .starts_with("source: /dimension: unknown key"));
  // The identity of so many dimensions would take 80 GB.
  std::string marginals = R"({"family": "normal"})";
  for (int k = 1; k < 100000; ++k) marginals += R"(,{"family": "normal"})";
  const std::string base = R"({"type": "product", "marginals": [)" + marginals + "]}";
  for (const char* transforms : {"[]", R"([{"scale": 2}, {"shift": [1]}])"}) {
    CHECK(plan.with_text("source", R"({"type": "pushforward", "base": )" + base +
                                       R"(, "transforms": )" + transforms + "}")
              .starts_with("source: /transforms = "));
  }
  // Nor do short texts make many copies of an array.
  std::string shared = R"("plan.0": "source.points")";
  for (int k = 1; k < 20; ++k) shared += ", \"plan." + std::to_string(k) + R"(": "source.points")";
  CHECK(plan.with_text("shared", "{" + shared + "}") ==
        "shared: names more arrays than a plan has");
}

TEST_CASE("what a plan's file must hold is refused where it is missing, and what else it holds") {
  DsbSettings dsb;
  dsb.iterations = 1;
  dsb.steps = 3;
  dsb.training.steps = 2;
  dsb.network.hidden = {4};
  const TransportProblem problem{kRound, kRound, ReferenceProcess(1.0)};
  const TransportProblem clouds{kThree, Toy("moons"), ReferenceProcess(1.0)};
  for (const Solution& solution : {solve_gaussian(problem), solve_sinkhorn(clouds, {.samples = 5}),
                                   solve_exact(clouds, {.samples = 5}), solve_dsb(problem, dsb)}) {
    const PlanOnFile plan(solution);
    CAPTURE(solution.report.solver);
    CHECK(plan.refusal([](TensorFile&) {}).empty());
    // (No structured bindings: clang 14 takes none into a lambda.)
    for (const auto& entry : plan.file().tensors) {
      const std::string& name = entry.first;
      const Points& tensor = entry.second;
      CAPTURE(name);
      // Without the weights of a direction its process is the reference.
      if (name == "plan.forward_weights" || name == "plan.backward_weights") continue;
      CHECK(!plan.refusal([&](TensorFile& file) { file.tensors.erase(name); }).empty());
      CHECK(!plan.refusal([&](TensorFile& file) {
                   file.tensors[name] = tensor.topRows(tensor.rows() - 1).eval();
                 })
                 .empty());
      CHECK(!plan.with_entry(name, 0, 0, std::nan("")).empty());
    }
    for (const auto& entry : plan.file().metadata) {
      const std::string& key = entry.first;
      CAPTURE(key);
      if (key == "report") continue;  // may be absent
      CHECK(!plan.refusal([&](TensorFile& file) { file.metadata.erase(key); }).empty());
    }
    const auto unknown = [&](const std::string& name) {
      return plan.refusal([&](TensorFile& file) { file.tensors[name] = Points::Ones(1, 1); });
    };
    const std::string solver = solution.report.solver;
    CHECK(unknown("plan.z").starts_with("plan of " + solver + ": has the unknown entry \"z\""));
    CHECK(unknown("z") == "holds an unknown tensor \"z\"");
    CHECK(plan.with_text("z", "") == "holds the unknown metadata \"z\"");
    CHECK(plan.with_text("numbers", R"({"reference.epsilon": 1, "reference.theta": 0, "z": 1})")
              .starts_with("plan of " + solver + ": has "));
    CHECK(plan.with_text("numbers", R"({"reference.epsilon": 1, "reference.theta": 0,
                                        "reference.z": 1})") != "");
    CHECK(plan.with_text("numbers", R"({"reference.epsilon": 1})")
              .ends_with("needs the key \"reference.theta\""));
    CHECK(plan.with_text("solver", "sinkhron") ==
          "solver \"sinkhron\": unknown; did you mean \"sinkhorn\"?");
  }
}

TEST_CASE("a plan that is not of its problem's clouds is refused") {
  const TransportProblem problem{kThree, kTwo, ReferenceProcess(1.0)};
  for (const Solution& solution : {solve_sinkhorn(problem), solve_exact(problem)}) {
    const PlanOnFile plan(solution);
    // Stored apart, as in format 1, so that law and plan can differ.
    const auto apart = [&](const std::string& name, const Points& array) {
      return plan.refusal([&](TensorFile& file) {
        file.metadata.erase("shared");
        file.tensors["plan.x"] = file.tensors["source.points"];
        file.tensors["plan.a"] = file.tensors["source.weights"];
        file.tensors["plan.y"] = file.tensors["target.points"];
        file.tensors["plan.b"] = file.tensors["target.weights"];
        file.tensors["plan." + name] = array;
      });
    };
    const std::string end = "are not the points and weights of the problem's cloud";
    CHECK(apart("y", kTwo.points()).empty());
    CHECK(apart("y", kTwo.points().colwise().reverse()).ends_with(end));
    CHECK(apart("a", Vector{{0.25, 0.5, 0.25}}).ends_with(end));
    CHECK(plan.with_entry("source.weights", 0, 0, 0.5) ==
          "the weights of the source must sum to 1");
  }
}

TEST_CASE("flows of an exact plan that are no coupling of its clouds are refused") {
  const PlanOnFile plan(solve_exact({kThree, kTwo, ReferenceProcess(1.0)}));
  const Points flows = plan.file().tensors.at("plan.flows");
  REQUIRE(flows.rows() >= 3);
  const auto with_flows = [&](const Points& others) {
    return plan.refusal([&](TensorFile& file) { file.tensors["plan.flows"] = others; });
  };
  const std::string no_row =
      "plan of exact: entry \"flows\" must hold rows of source, target and "
      "mass > 0";
  for (const Index column : {0, 1}) {
    for (const double index : {-1.0, 0.5, 3.0, 1e300, 0x1p63}) {
      CHECK(plan.with_entry("plan.flows", 0, column, index) == no_row);
    }
  }
  CHECK(plan.with_entry("plan.flows", 0, 2, -0.25) == no_row);
  CHECK(plan.with_entry("plan.flows", 0, 2, 0.0) == no_row);
  CHECK(plan.with_entry("plan.flows", 0, 2, flows(0, 2) * (1.0 + 1e-15)).empty());
  CHECK(plan.with_entry("plan.flows", 0, 2, flows(0, 2) + 1e-9)
            .starts_with("plan of exact: entry \"flows\" must sum to the weights of the source"));
  CHECK(plan.with_entry("plan.flows", 0, 2, 1e308).find("must sum") != std::string::npos);
  CHECK(with_flows(flows.topRows(1)).find("must sum") != std::string::npos);
  CHECK(with_flows(flows.topRows(0)).find("must sum") != std::string::npos);
  CHECK(with_flows(flows.colwise().reverse()).find("must ascend") != std::string::npos);
  // The same mass in two flows between the same ends.
  Points twice(flows.rows() + 1, 3);
  twice << flows.topRows(1), flows;
  twice(0, 2) = twice(1, 2) = flows(0, 2) / 2;
  CHECK(with_flows(twice).find("no pair twice") != std::string::npos);
}

TEST_CASE("moments of a gaussian plan are those of Gaussian laws, and of some law") {
  Matrix tilted(2, 2);
  tilted << 2, 1, 1, 2;
  const PlanOnFile known(
      solve_gaussian({kRound, Gaussian(Vector::Ones(2), tilted), ReferenceProcess(1.0)}));
  CHECK(known.with_entry("plan.mean_source", 0, 0, 0.1) ==
        "plan of gaussian: entries \"mean_source\" and \"cov_source\" are not the moments of the "
        "source");
  CHECK(known.with_entry("plan.cov_target", 0, 0, 3.0).ends_with("moments of the target"));
  // Of another law they may be any.
  const PlanOnFile matched(solve_gaussian({Toy("moons"), Toy("8gaussians"), ReferenceProcess(1.0)},
                                          {.moments = "match"}));
  CHECK(matched.with_entry("plan.mean_source", 0, 0, 0.1).empty());
  CHECK(matched.with_entry("plan.cov_source", 0, 0, -1.0)
            .starts_with("plan of gaussian, source: /cov: must be positive semi-definite"));
  CHECK(matched.with_entry("plan.cov_source", 0, 1, 9.0)
            .starts_with("plan of gaussian, source: /cov: must be symmetric"));
  CHECK(matched.with_entry("plan.cov_source", 0, 1, 1e308) != "");
  CHECK(matched.with_entry("plan.mean_target", 0, 0, 1e300).ends_with("overflow"));
}

TEST_CASE("numbers of a dsb plan are those that its settings could have") {
  DsbSettings settings;
  settings.iterations = 1;
  settings.steps = 3;
  settings.training.steps = 2;
  settings.network.hidden = {4};
  const PlanOnFile plan(solve_dsb({kRound, kRound, ReferenceProcess(1.0)}, settings));
  const std::string numbers = plan.file().metadata.at("numbers");
  const auto with_number = [&](const std::string& name, const std::string& value) {
    const auto at = numbers.find(name) + name.size() + 2;
    const auto end = numbers.find_first_of(",}", at);
    return plan.with_text("numbers", numbers.substr(0, at) + value + numbers.substr(end));
  };
  for (const char* value : {"-1", "0", "2.5", "1e300", "10000000000000000000", "null"}) {
    CHECK(with_number("map_samples", value) != "");
    CHECK(with_number("time_features", value) != "");
  }
  CHECK(with_number("map_samples", "0") ==
        "plan of dsb, map_samples = 0: must be a whole number in [1, 1e+06]");
  for (const double width : {-1.0, 0.0, 2.5, 5.0, 4096.0, 4097.0, 1e300}) {
    CHECK(plan.with_entry("plan.hidden", 0, 0, width) != "");
  }
  for (const double time : {-1.0, 0.0, 1.0, 2.0}) {
    CHECK(plan.with_entry("plan.times", 1, 0, time) != "");
  }
  CHECK(plan.with_entry("plan.backward_weights", 0, 0, 1e300) ==
        "plan of dsb, backward_weights: must be finite");
  CHECK(plan.with_entry("plan.source_moments", 1, 0, -1.0) != "");
}

TEST_CASE("a plan whose numbers lead beyond the doubles is refused, or its answers are") {
  const PlanOnFile plan(solve_sinkhorn({kThree, kTwo, ReferenceProcess(1.0)}));
  CHECK(plan.with_entry("plan.f", 0, 0, 1e307).empty());
  CHECK(plan.with_text("numbers", R"({"reference.epsilon": 1e-310, "reference.theta": 0})")
            .ends_with("overflow"));
  CHECK(plan.refusal([](TensorFile& file) { file.tensors["source.points"] *= 1e200; })
            .ends_with("overflow"));
  const auto exact = solve_exact({kThree, kTwo, ReferenceProcess(1.0)}).plan;
  CHECK_THROWS_AS(exact->map(Points::Constant(1, 2, 1e200), Direction::forward), InvalidInput);
  const auto entropic = solve_sinkhorn({kThree, kTwo, ReferenceProcess(1.0)}).plan;
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    const Points far = Points::Constant(1, 2, 1e200);
    CHECK_THROWS_AS(entropic->map(far, direction), InvalidInput);
    CHECK_THROWS_AS(entropic->sample(far, direction, RandomStream(1)), InvalidInput);
  }
  const auto gaussian =
      solve_gaussian({kRound, Gaussian::isotropic(Vector::Zero(2), 1e10), ReferenceProcess(1e-3)})
          .plan;
  CHECK_THROWS_WITH_AS(gaussian->map(Points::Constant(1, 2, 1e300), Direction::forward),
                       "row 1: the plan moves it beyond the doubles", InvalidInput);
}

TEST_CASE("the report of a plan is read strictly") {
  const PlanOnFile plan(solve_exact({kThree, kTwo, ReferenceProcess(1.0)}));
  const std::string report = plan.file().metadata.at("report");
  const auto with_value = [&](const std::string& key, const std::string& value) {
    const auto at = report.find("\"" + key + "\":") + key.size() + 3;
    const auto end = report.find_first_of(report[at] == '[' ? "]" : ",}", at);
    return plan.with_text(
        "report", report.substr(0, at) + value + report.substr(report[at] == '[' ? end + 1 : end));
  };
  CHECK(with_value("iterations", "3").empty());
  CHECK(with_value("iterations", "-1") == "report: /iterations = -1: must be >= 0");
  CHECK(with_value("iterations", "2.5") == "report: /iterations = 2.5: must be a whole number");
  CHECK(with_value("seed", "-1") == "report: /seed = -1: must be a whole number >= 0");
  CHECK(with_value("value", "\"1\"") == "report: /value = \"1\": must be a number");
  CHECK(with_value("value", "1e999") != "");
  CHECK(with_value("mean_cost", "-1") == "report: /mean_cost = -1: must be >= 0");
  CHECK(with_value("marginal_error_source", "-1").ends_with("must be >= 0"));
  CHECK(with_value("notes", "[1]") == "report: /notes/0 = 1: must be a text");
  CHECK(with_value("value", "1, \"seconds\": 1").starts_with("report: /seconds: unknown key"));
}

TEST_CASE("bytes that are not UTF-8 are replaced in a file's texts, and refused in its names") {
  const Folder folder;
  Solution solution = solve_exact({kThree, kTwo, ReferenceProcess(1.0)});
  solution.report.notes = {"file \xff.csv"};
  write_plan(solution, folder / "\xff.safetensors");
  CHECK(read_plan_file(folder / "\xff.safetensors").report->notes ==
        std::vector<std::string>{"file \xEF\xBF\xBD.csv"});
  TensorFile file;
  file.metadata["key"] = "\xff";
  CHECK_THROWS_AS(encode_tensors(file), InvalidInput);
}

TEST_CASE("weights of every size leave a plan that is read again") {
  const Folder folder;
  const std::string path = folder / "plan.safetensors";
  const RandomStream stream(3);
  const auto cloud = [&](Index n, std::uint64_t side) {
    Vector weights(n);
    // From 1e-20 to 1e3, some of them 0.
    for (Index i = 0; i < n; ++i) {
      const double level = stream.fork(side).uniform(i, 0, 0);
      weights[i] = level < 0.1 ? 0.0 : std::pow(10.0, 23.0 * level - 20.0);
    }
    return WeightedPoints(normal_points(n, 2, stream.fork(side + 2)), weights);
  };
  const TransportProblem problem{cloud(400, 0), cloud(300, 1), ReferenceProcess(0.5)};
  write_plan(solve_exact(problem), path);
  CHECK_NOTHROW(read_plan(path));
  write_plan(solve_exact(problem, {.pivots = 1}), path);
  CHECK_NOTHROW(read_plan(path));
  write_plan(solve_sinkhorn(problem, {.iterations = 3}), path);
  CHECK_NOTHROW(read_plan(path));
}
