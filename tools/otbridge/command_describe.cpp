// describe LAW | PROBLEM | PLAN: what it is, checked without solving.

#include <cmath>

#include "commands.hpp"
#include "exit_code.hpp"
#include "job.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/io/report_json.hpp"

namespace otbridge::cli {
namespace {

struct DescribeOptions {
  std::string what;
  RunOptions run;
};

Json vector_json(const Vector& v) { return std::vector<double>(v.begin(), v.end()); }

Json matrix_json(const Matrix& m) {
  Json rows = Json::array();
  for (Index i = 0; i < m.rows(); ++i) rows.push_back(vector_json(m.row(i)));
  return rows;
}

Json describe_law(const Law& law) {
  Json json{{"type", law.type()}, {"dimension", law.dimension()}, {"density", law.has_density()}};
  const auto mean = law.mean();
  const auto covariance = law.covariance();
  json["mean"] = mean ? vector_json(*mean) : Json();
  json["covariance"] = covariance ? matrix_json(*covariance) : Json();
  if (const auto* points = dynamic_cast<const WeightedPoints*>(&law)) {
    json["points"] = points->size();
    json["uniform_weights"] = points->uniform_weights();
    json["low"] = vector_json(points->points().colwise().minCoeff());
    json["high"] = vector_json(points->points().colwise().maxCoeff());
  }
  return json;
}

Json describe_problem(const TransportProblem& problem) {
  return {{"dimension", problem.dimension()},
          {"epsilon", problem.reference().epsilon()},
          {"theta", problem.reference().theta()},
          {"source", describe_law(*problem.source())},
          {"target", describe_law(*problem.target())}};
}

Json describe_any(const std::string& what) {
  if (is_plan_file(what)) {
    const PlanFile file = read_plan_file(what);
    const auto& plan = file.plan;
    Json json{{"kind", "plan"}, {"solver", plan->name()}};
    json["faces"] = Json::array();
    if (plan->coupling() != nullptr) json["faces"].push_back("coupling");
    if (plan->potentials() != nullptr) json["faces"].push_back("potentials");
    if (plan->drift() != nullptr) json["faces"].push_back("drift");
    json.update(describe_problem(plan->problem()));
    json["version"] = file.version;
    json["report"] = file.report ? lasting_report(*file.report) : Json();
    return json;
  }
  if (is_problem_file(what)) {
    ProblemOptions options;
    options.first = what;
    const Job job = resolve_job(options);
    Json json{{"kind", "problem"}};
    json.update(describe_problem(job.problem));
    const double unit = relative_unit(job.source.law, job.target.law, job.seed);
    json["epsilon_relative"] = unit > 0.0 ? Json(job.problem.reference().epsilon() / unit) : Json();
    json["samples"] = job.samples;
    json["seed"] = job.seed;
    json["solver"] = job.solver->name();
    return json;
  }
  const NamedLaw named = read_law(what);
  Json json{{"kind", "law"}, {"label", named.label}};
  json.update(describe_law(*named.law));
  return json;
}

// Indented "key: value" lines; nested objects one level deeper.
std::string as_text(const Json& json, const std::string& indent) {
  std::string text;
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      text += indent + key + ":\n" + as_text(value, indent + "  ");
    } else {
      std::string shown = value.is_null()     ? "unknown"
                          : value.is_string() ? value.get<std::string>()
                                              : value.dump();
      constexpr std::size_t kWidth = 160;
      if (shown.size() > kWidth) shown = shown.substr(0, kWidth) + " ...";
      text += indent + key + ": " + shown + "\n";
    }
  }
  return text;
}

int run_describe(const DescribeOptions& options) {
  const Json json = describe_any(options.what);
  if (options.run.json) {
    print_json(json);
  } else {
    print_text(as_text(json, ""));
  }
  return kDone;
}

}  // namespace

void add_describe(CLI::App& app, Action& action) {
  CLI::App* command = nullptr;
  auto& options = declare<DescribeOptions>(
      app, action, "describe",
      "What a law, a problem or a plan is; checks it without solving.\n\nExamples:\n"
      "  otbridge describe moons@torchcfm\n  otbridge describe data/problems/gaussian_2d.json "
      "--json",
      run_describe, command);
  command->add_option("what", options.what, "a LAW, a PROBLEM file or a PLAN file")->required();
  add_run_options(*command, options.run, false);
}

}  // namespace otbridge::cli
