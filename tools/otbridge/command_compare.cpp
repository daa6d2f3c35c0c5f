// compare LAW LAW --solvers a,b,c: each solver on the same problem, one table.

#include <cmath>
#include <cstdio>
#include <iostream>
#include <sstream>

#include "commands.hpp"
#include "exit_code.hpp"
#include "job.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/measure/gaussian.hpp"
#include "otbridge/metrics/plan_metrics.hpp"
#include "otbridge/plot/figure.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "otbridge/solvers/registry.hpp"

namespace otbridge::cli {
namespace {

struct CompareOptions {
  ProblemOptions problem;
  RunOptions run;
  std::string solvers = "gaussian,sinkhorn,dsb", plot;
  std::vector<std::string> set;  // SOLVER.KEY=VALUE
  std::optional<Index> w2_samples;
};

// How far a plan is from the closed form of the problem, on the points that were moved.
struct Truth {
  double map_rmse;  // root mean square of map - true map
  double value;     // of the closed form
  std::optional<double> value_error;
};

struct Row {
  std::string solver;
  std::string refusal;  // why the solver could not take the problem; empty if it could
  Points moved;
  SolveReport report;
  std::optional<PushforwardScore> score;
  std::optional<Truth> truth;
};

std::vector<const Solver*> chosen_solvers(const std::string& list) {
  std::vector<const Solver*> chosen;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    try {
      chosen.push_back(&find_solver(word));
    } catch (const InvalidInput& refusal) {
      throw UsageError("--solvers: " + std::string(refusal.what()));
    }
  }
  if (chosen.empty()) throw UsageError("--solvers: must name at least one solver");
  return chosen;
}

// The assignments of --set that are meant for this solver: "dsb.steps=30".
SettingAssignments settings_of(const Solver& solver, const std::vector<std::string>& set) {
  SettingAssignments settings;
  const std::string prefix = std::string(solver.name()) + ".";
  for (const auto& argument : set) {
    if (!argument.starts_with(prefix)) continue;
    try {
      settings.push_back(parse_assignment(argument.substr(prefix.size())));
      solver.check({settings.back()});
    } catch (const InvalidInput& refusal) {
      throw UsageError("--set " + argument + ": " + refusal.what());
    }
  }
  return settings;
}

void check_set_prefixes(const std::vector<std::string>& set,
                        const std::vector<const Solver*>& chosen) {
  for (const auto& argument : set) {
    const std::string prefix = argument.substr(0, argument.find('.'));
    bool known = argument.find('.') != std::string::npos;
    if (known) {
      known = std::ranges::any_of(chosen, [&](const Solver* s) { return s->name() == prefix; });
    }
    if (!known) {
      throw UsageError("--set " + argument +
                       ": must be SOLVER.KEY=VALUE with a solver of --solvers");
    }
  }
}

// `exact` leaves epsilon out, so its distance from the entropic truth would measure epsilon.
bool leaves_out_epsilon(const Row& row) { return row.solver == "exact"; }

std::optional<Truth> compare_with_truth(const Job& job, const Row& row, const TransportPlan& plan,
                                        const Points& start) {
  if (!job.source.law.as<Gaussian>() || !job.target.law.as<Gaussian>()) return std::nullopt;
  if (leaves_out_epsilon(row)) return std::nullopt;
  const Solution closed_form = solve_gaussian(job.problem);
  const Points difference =
      plan.map(start, Direction::forward) - closed_form.plan->map(start, Direction::forward);
  Truth truth{
      std::sqrt(difference.rowwise().squaredNorm().mean()), closed_form.report.value.value(), {}};
  if (row.report.value) truth.value_error = std::abs(*row.report.value - truth.value);
  return truth;
}

Json number_or_null(std::optional<double> value) {
  return value && std::isfinite(*value) ? Json(*value) : Json();
}

Json row_json(const Row& row) {
  const auto of = [&](double PushforwardScore::*member) -> std::optional<double> {
    if (!row.score) return std::nullopt;
    return (*row.score).*member;
  };
  Json json{{"solver", row.solver},
            {"seconds", row.refusal.empty() ? Json(row.report.seconds) : Json()},
            {"w2", number_or_null(of(&PushforwardScore::w2))},
            {"sliced_w2", number_or_null(of(&PushforwardScore::sliced_w2))},
            {"energy_distance", number_or_null(of(&PushforwardScore::energy_distance))},
            {"transport_cost", number_or_null(of(&PushforwardScore::transport_cost))},
            {"path_energy", row.score ? number_or_null(row.score->path_energy) : Json()},
            {"samples", row.score ? Json(row.score->samples) : Json()},
            {"w2_samples", row.score ? Json(row.score->w2_samples) : Json()}};
  json["truth"] = nullptr;
  if (row.truth) {
    json["truth"] = {{"map_rmse", row.truth->map_rmse},
                     {"value", row.truth->value},
                     {"value_error", number_or_null(row.truth->value_error)}};
  }
  json["report"] = row.refusal.empty() ? report_to_json(row.report) : Json();
  if (!row.refusal.empty()) json["refusal"] = row.refusal;
  return json;
}

std::string cell(std::optional<double> value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", *value);
  return text;
}

std::string table(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> cells{{"solver", "seconds", "W2", "sliced W2",
                                               "energy dist.", "cost", "path energy",
                                               "marginal err.", "map vs truth", "stop"}};
  for (const auto& row : rows) {
    if (!row.refusal.empty()) continue;
    const auto& s = *row.score;
    cells.push_back({row.solver, cell(row.report.seconds), cell(s.w2), cell(s.sliced_w2),
                     cell(s.energy_distance), cell(s.transport_cost), cell(s.path_energy),
                     cell(row.report.marginal_error_target),
                     cell(row.truth ? std::optional(row.truth->map_rmse) : std::nullopt),
                     std::string(name_of(row.report.stop_reason))});
  }
  std::vector<std::size_t> width(cells[0].size(), 0);
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], line[c].size());
  }
  std::string text;
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < line.size(); ++c) {
      const std::string padding(width[c] - line[c].size(), ' ');
      text += c == 0 ? line[c] + padding : "  " + padding + line[c];
    }
    text += "\n";
  }
  const bool truth_known =
      std::ranges::any_of(rows, [](const Row& row) { return bool(row.truth); });
  for (const auto& row : rows) {
    if (!row.refusal.empty()) text += row.solver + ": refused, " + row.refusal + "\n";
    if (truth_known && row.score && leaves_out_epsilon(row)) {
      text +=
          row.solver + ": solves without epsilon, so it is not compared with the entropic truth\n";
    }
  }
  if (const auto row = std::ranges::find_if(rows, [](const Row& r) { return bool(r.score); });
      row != rows.end()) {
    text += "pushforward of " + std::to_string(row->score->samples) +
            " points against fresh target samples; W2 on " +
            std::to_string(row->score->w2_samples) + " of them\n";
  }
  return text;
}

void draw(const CompareOptions& options, const Job& job, const std::vector<Row>& rows,
          const Points& start, const WeightedPoints& fresh) {
  std::vector<ComparisonPanel> panels;
  for (const auto& row : rows) {
    if (!row.refusal.empty()) continue;
    panels.push_back({row.solver,
                      {start, {}},
                      row.moved,
                      {"W2 " + cell(row.score->w2), "cost " + cell(row.score->transport_cost),
                       cell(row.report.seconds) + " s"}});
  }
  const FigureText text{job.title(),
                        "epsilon " + cell(job.problem.reference().epsilon()) + ", n " +
                            std::to_string(start.rows()) + ", one draw of the far end per point",
                        "One panel per solver on the same problem"};
  write_file(options.plot, draw_comparison(text, {start, {}}, {fresh.points(), fresh.weights()},
                                           panels, RandomStream(job.seed, Purpose::plot)));
}

int run_compare(const CompareOptions& options) {
  const ThreadScope threads(options.run.threads);
  const auto chosen = chosen_solvers(options.solvers);
  check_set_prefixes(options.set, chosen);
  std::vector<SettingAssignments> given;
  for (const Solver* solver : chosen) given.push_back(settings_of(*solver, options.set));
  check_outputs({options.plot});
  const Job job = resolve_job(options.problem);

  // Fresh draws on both sides: a method that only knows its training points has to generalise.
  const RandomStream metric_stream(job.seed, Purpose::metrics);
  const Index n = job.samples;
  const Points start = job.source.law->sample(n, metric_stream.fork(0));
  const WeightedPoints fresh =
      discretize(job.target.law, n, RandomStream(job.seed, Purpose::fresh_target_draw));

  std::vector<Row> rows;
  int code = kDone;
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    Row row{std::string(chosen[k]->name()), "", {}, {}, {}, {}};
    try {
      const Solution solution =
          run_solver(*chosen[k], settings_for(*chosen[k], n, given[k]), job, options.run);
      row.report = solution.report;
      row.moved = solution.plan->sample(start, Direction::forward,
                                        RandomStream(job.seed, Purpose::plan_sample));
      row.score = score_pushforward(*solution.plan, start, row.moved, fresh, Direction::forward,
                                    options.w2_samples.value_or(2000), metric_stream.fork(1));
      row.truth = compare_with_truth(job, row, *solution.plan, start);
      code = std::max(code, exit_code(solution.report.stop_reason));
    } catch (const InvalidInput& refusal) {
      row.refusal = refusal.what();
      code = std::max<int>(code, kNotConverged);
    }
    rows.push_back(std::move(row));
  }
  if (std::ranges::all_of(rows, [](const Row& row) { return !row.refusal.empty(); })) {
    throw InvalidInput(rows.front().refusal);
  }
  if (!options.plot.empty()) draw(options, job, rows, start, fresh);
  if (!options.run.json) {
    print_text(table(rows));
    return code;
  }
  Json json;
  json["problem"] = {{"source", job.source.label},
                     {"target", job.target.label},
                     {"dimension", job.problem.dimension()},
                     {"epsilon", job.problem.reference().epsilon()},
                     {"theta", job.problem.reference().theta()},
                     {"samples", n},
                     {"seed", job.seed}};
  json["rows"] = Json::array();
  for (const auto& row : rows) json["rows"].push_back(row_json(row));
  print_json(json);
  return code;
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  const auto [command, options] = declare<CompareOptions>(
      app, action, "compare",
      "Run several solvers on the same problem and print one table.\n\nExamples:\n"
      "  otbridge compare moons@torchcfm 8gaussians@torchcfm --solvers sinkhorn,dsb --epsilon 0.5\n"
      "  otbridge compare data/problems/gaussian_5d.json --solvers gaussian,sinkhorn,dsb --plot "
      "compare.svg",
      run_compare);
  add_problem_options(command, options.problem, false);
  add_text(command, "--solvers", options.solvers,
           "names separated by commas [gaussian,sinkhorn,dsb]");
  add_repeated(command, "--set", options.set, "SOLVER.KEY=VALUE",
               "one setting of one solver: SOLVER.KEY=VALUE (repeatable)");
  add_count(command, "--w2-samples", options.w2_samples, "points per side of the exact W2 [2000]");
  add_text(command, "--plot", options.plot, "draw the solvers side by side here (.svg)");
  add_positive(command, "--time-limit", options.run.time_limit,
               "seconds after which each solver stops");
  add_run_options(command, options.run, false);
}

}  // namespace otbridge::cli
