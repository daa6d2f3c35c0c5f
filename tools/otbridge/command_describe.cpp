// describe LAW | PROBLEM | PLAN | PATHS: what it is, checked without solving.

#include <algorithm>
#include <cmath>
#include <optional>

#include "commands.hpp"
#include "exit_code.hpp"
#include "job.hpp"
#include "memory_guard.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/cloud.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/metrics/plan_metrics.hpp"
#include "otbridge/problem/forgetting.hpp"
#include "otbridge/solve/report_text.hpp"
#include "otbridge/solvers/registry.hpp"
#include "output.hpp"
#include "text_grid.hpp"

namespace otbridge::cli {
namespace {

struct DescribeOptions {
  std::string what;
  ReadOptions reading;
  RunOptions run;
};

// Moments are null where the law does not know them: nothing is estimated here.
Json describe_law(const Law& law) {
  // The covariance is the largest part of it, and a small file may be a law of many dimensions.
  const Index d = law.dimension();
  check_memory("a covariance of dimension " + std::to_string(d), static_cast<double>(d), d);
  Json json{{"type", law.type()}, {"dimension", law.dimension()}, {"density", law.has_density()}};
  const auto mean = law.mean();
  const auto covariance = law.covariance();
  json["mean"] = mean ? vector_to_json(*mean) : Json();
  json["covariance"] = covariance ? matrix_to_json(*covariance) : Json();
  if (const auto* points = dynamic_cast<const WeightedPoints*>(&law)) {
    json["points"] = points->size();
    json["uniform_weights"] = points->uniform_weights();
    // The bounding box, coordinate by coordinate.
    json["low"] = vector_to_json(points->points().colwise().minCoeff());
    json["high"] = vector_to_json(points->points().colwise().maxCoeff());
  }
  return json;
}

Json describe_problem(const TransportProblem& problem, bool regularised) {
  Json json{{"dimension", problem.dimension()}};
  if (regularised) json["epsilon"] = problem.reference().epsilon();
  json["theta"] = problem.reference().theta();
  json["source"] = describe_law(*problem.source());
  json["target"] = describe_law(*problem.target());
  if (const auto figure = forgetting(problem)) {
    json["forgetting"] = {{"of", figure->direction == Direction::forward ? "source" : "target"},
                          {"kl_bound", figure->kl},
                          {"total_variation_bound", figure->total_variation},
                          {"tolerance", figure->tolerance},
                          {"horizon", figure->horizon}};
  }
  return json;
}

// Where one fit of the reversed reference would start from the wrong law.
std::optional<std::string> not_forgotten(const TransportProblem& problem) {
  const auto figure = forgetting(problem);
  if (!figure || figure->total_variation <= figure->tolerance) return {};
  return std::string("the reference has not forgotten the ") +
         (figure->direction == Direction::forward ? "source" : "target") +
         " (total variation up to " + short_number(figure->total_variation) + "); " +
         short_number(figure->tolerance) + " takes a horizon of about " +
         short_number(figure->horizon) + ", epsilon and theta times that";
}

// In words: what another noise than the bridge's keeps.
std::string noise_of(const Drift& drift) {
  const bool forward = drift.trained(Direction::forward),
             backward = drift.trained(Direction::backward);
  if (!forward && !backward) return "the bridge's alone: neither direction was trained";
  const std::string choices = "any (0 is the probability-flow ODE, 1 the bridge): ";
  if (forward && backward) {
    return choices + "the marginals stay, the coupling of 1 alone is the Schroedinger coupling";
  }
  return choices + "the marginals that stay are those of the reference, which the trained " +
         (forward ? "forward" : "backward") + " direction reverses";
}

// What the run said first, then what the plan can say, then the laws.
Json describe_plan(const PlanFile& file) {
  const TransportPlan& plan = *file.plan;
  const Coupling* coupling = plan.coupling();
  const std::optional<SolveReport>& report = file.report;
  Json json{{"kind", "plan"}, {"solver", plan.name()}};
  json["version"] = file.version;
  json["converged"] = report ? Json(report->stop_reason == StopReason::converged) : Json();
  const bool regularised = find_solver(plan.name()).regularised();
  const Json problem = describe_problem(plan.problem(), regularised);
  json["dimension"] = problem["dimension"];
  const auto names = [](const std::vector<std::string>& columns) {
    return columns.empty() ? Json() : Json(columns);
  };
  json["columns"] = {{"source", names(file.columns.source)},
                     {"target", names(file.columns.target)}};
  json["source_points"] = coupling ? Json(coupling->source_weights().size()) : Json();
  json["target_points"] = coupling ? Json(coupling->target_weights().size()) : Json();
  // Of a plan that epsilon has no part in, its distance.
  if (regularised) {
    json["epsilon"] = problem["epsilon"];
    json["epsilon_relative"] =
        report && report->mean_cost > 0.0 ? Json(report->epsilon_relative()) : Json();
  } else {
    json["w2"] = report ? number_or_null(report->w2()) : Json();
  }
  json["report"] = report ? lasting_report(*report) : Json();
  // What this plan can say beyond sampling and mapping: otbridge/plan/faces.hpp.
  json["faces"] = Json::array();
  if (coupling != nullptr) json["faces"].push_back("coupling");
  if (plan.potentials() != nullptr) json["faces"].push_back("potentials");
  if (const Drift* drift = plan.drift()) {
    json["faces"].push_back("drift");
    // What --noise makes of it.
    json["noise"] = noise_of(*drift);
  }
  if (plan.conditionals() != nullptr) json["faces"].push_back("conditionals");
  if (plan.density() != nullptr) json["faces"].push_back("density");
  json.update(problem);
  return json;
}

// Slices of paths, each by its moments and its box; spread is the root of the trace of the
// covariance.
Json describe_paths(const std::vector<Points>& slices) {
  Json json{{"kind", "paths"},
            {"times", slices.size()},
            {"points", slices.front().rows()},
            {"dimension", slices.front().cols()},
            {"slices", Json::array()}};
  for (const Points& slice : slices) {
    const WeightedPoints cloud{slice};
    json["slices"].push_back({{"spread", spread(cloud)},
                              {"mean", vector_to_json(*cloud.mean())},
                              {"low", vector_to_json(slice.colwise().minCoeff())},
                              {"high", vector_to_json(slice.colwise().maxCoeff())}});
  }
  return json;
}

// A plan by its extension, paths by their shape, a problem by its key "source", else a law.
Json describe_any(const DescribeOptions& asked) {
  const std::string& what = asked.what;
  if (is_plan_file(what)) {
    check_reading(asked.reading, false);
    return describe_plan(read_plan_file(what));
  }
  if (what.ends_with(".npy")) {
    if (const auto slices = parse_npy_slices(read_file(what), what)) return describe_paths(*slices);
  }
  if (is_problem_file(what)) {
    // Resolved as `transport` would, so that what it would refuse is refused here.
    ProblemOptions options;
    options.first = what;
    options.reading = asked.reading;
    const Job job = resolve_job(options);
    Json json{{"kind", "problem"}};
    const bool regularised = job.solver->regularised();
    json.update(describe_problem(job.problem, regularised));
    const double unit = relative_unit(job.source.law, job.target.law, job.seed);
    if (regularised) {
      json["epsilon_relative"] =
          unit > 0.0 ? Json(job.problem.reference().epsilon() / unit) : Json();
    }
    json["samples"] = job.samples;
    json["seed"] = job.seed;
    json["solver"] = job.solver->name();
    json["notes"] = job.notes;
    if (const auto note = not_forgotten(job.problem)) json["notes"].push_back(*note);
    return json;
  }
  const NamedLaw named = read_law(what, asked.reading);
  check_reading(asked.reading, is_cloud_file(what, named));
  Json json{{"kind", "law"}, {"label", named.label}};
  json.update(describe_law(*named.law));
  if (const Json reading = reading_json(named); !reading.is_null()) {
    for (const char* key : {"columns", "weights_from", "ignored"}) json[key] = reading[key];
  }
  json["notes"] = named.notes;
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
                          : value.is_string() ? printable(value.get<std::string>())
                                              : json_text(value);
      // Covariances of many dimensions: --json has them whole.
      constexpr std::size_t kWidth = 160;
      if (shown.size() > kWidth) shown = shown.substr(0, kWidth) + " ...";
      text += indent + key + ": " + shown + "\n";
    }
  }
  return text;
}

// One line for each slice, of many the first ones.
std::string paths_text(const Json& json) {
  constexpr std::size_t kMost = 50, kCoordinates = 6;
  Cells cells{{"slice", "spread", "mean"}};
  for (const Json& slice : json["slices"]) {
    if (cells.size() > kMost) break;
    std::string mean;
    for (std::size_t c = 0; c < std::min(slice["mean"].size(), kCoordinates); ++c)
      mean += (c == 0 ? "" : ", ") + table_number(slice["mean"][c].get<double>());
    if (slice["mean"].size() > kCoordinates) mean += ", ...";
    cells.push_back({std::to_string(cells.size() - 1), table_number(slice["spread"].get<double>()),
                     std::move(mean)});
  }
  Json head = json;
  head.erase("slices");
  std::string text = as_text(head, "") + aligned(cells);
  const std::size_t left = json["slices"].size() - (cells.size() - 1);
  if (left > 0) text += std::to_string(left) + " more, all in --json\n";
  return text;
}

int run_describe(const DescribeOptions& options) {
  Json json = describe_any(options);
  if (json.contains("notes")) {
    print_notes(json["notes"].get<std::vector<std::string>>(), options.run.quiet);
  }
  if (options.run.json) {
    print_json(json);
  } else {
    json.erase("notes");  // told above
    print_text(json["kind"] == "paths" ? paths_text(json) : as_text(json, ""));
  }
  return kDone;
}

}  // namespace

void add_describe(CLI::App& app, Action& action) {
  const auto [command, options] = declare<DescribeOptions>(
      app, action, "describe",
      "What a law, a problem, a plan or the file of paths is; checks it without solving.\n\n"
      "Examples:\n"
      "  otbridge describe moons@torchcfm\n  otbridge describe data/problems/gaussian_2d.json "
      "--json",
      run_describe);
  add_text(command, "what", "LAW|PROBLEM|PLAN", options.what,
           "a LAW, a PROBLEM file, a PLAN file, or paths (.npy)", true);
  add_reading_options(command, options.reading);
  add_run_options(command, options.run, false);
}

}  // namespace otbridge::cli
