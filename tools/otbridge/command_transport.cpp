// transport LAW LAW | PROBLEM: solves, then moves points.

#include "commands.hpp"
#include "exit_code.hpp"
#include "job.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/plot/figure.hpp"

namespace otbridge::cli {
namespace {

struct TransportOptions {
  ProblemOptions problem;
  RunOptions run;
  std::string input, plan, plot, convergence_plot;
  std::string mode = "map", direction = "forward";
};

int run_transport(const TransportOptions& options) {
  const ThreadScope threads(options.run.threads);
  const Direction direction = parse_direction(options.direction);
  check_outputs({options.run.output, options.plan, options.plot, options.convergence_plot});
  if (options.run.output != "-") cloud_format(options.run.output);
  const Job job = resolve_job(options.problem);
  const Cloud source = points_of(job.source, Direction::forward, job.samples, job.seed);
  const Cloud target = points_of(job.target, Direction::backward, job.samples, job.seed);
  Cloud moving = !options.input.empty()            ? read_cloud(options.input)
                 : direction == Direction::forward ? source
                                                   : target;
  if (moving.points.cols() != job.problem.dimension()) {
    throw InvalidInput(options.input, "has dimension " + std::to_string(moving.points.cols()) +
                                          ", the problem has " +
                                          std::to_string(job.problem.dimension()));
  }

  const Solution solution = run_solver(
      *job.solver, settings_for(*job.solver, job.samples, job.settings), job, options.run);
  const Points start = moving.points;
  moving.points =
      options.mode == "map"
          ? solution.plan->map(start, direction)
          : solution.plan->sample(start, direction, RandomStream(job.seed, Purpose::plan_sample));

  if (!options.plan.empty()) write_plan(solution, options.plan);
  const RandomStream plot_stream(job.seed, Purpose::plot);
  const std::string details = subtitle(solution.report, source.points.rows());
  if (!options.plot.empty()) {
    const FigureText text{
        job.title(), details,
        "Source, target and moved points of " + job.title() + " with transport lines"};
    write_file(options.plot, draw_transport(text, {source.points, source.weights},
                                            {target.points, target.weights},
                                            {start, moving.weights}, moving.points, plot_stream));
  }
  if (!options.convergence_plot.empty()) {
    const FigureText text{"Convergence: " + job.title(), details, "Errors against iterations"};
    write_file(options.convergence_plot, draw_convergence(text, solution.report.trace));
  }
  if (!options.run.json || options.run.output != "-") write_cloud(moving, options.run.output);
  if (options.run.json) print_json(report_to_json(solution.report));
  return exit_code(solution.report.stop_reason);
}

}  // namespace

void add_transport(CLI::App& app, Action& action) {
  CLI::App* command = nullptr;
  auto& options = declare<TransportOptions>(
      app, action, "transport",
      "Solve a transport problem and move points.\n\nExamples:\n"
      "  otbridge transport moons 8gaussians -o moved.csv --plot moved.svg\n"
      "  otbridge transport a.csv b.csv --epsilon-relative 0.01 --set tolerance=1e-8 --json\n"
      "  otbridge transport data/problems/ornstein_uhlenbeck.json --plan plan.safetensors",
      run_transport, command);
  add_problem_options(*command, options.problem);
  command->add_option("--input", options.input, "cloud to move in place of the source points");
  command->add_option("--mode", options.mode, "map (conditional mean) or sample [map]")
      ->check(CLI::IsMember({"map", "sample"}));
  command->add_option("--direction", options.direction, "forward or backward [forward]")
      ->check(CLI::IsMember({"forward", "backward"}));
  command->add_option("--plan", options.plan, "save the plan here (.safetensors)");
  command->add_option("--plot", options.plot, "draw source, target and moved points here (.svg)");
  command->add_option("--plot-convergence", options.convergence_plot,
                      "draw errors against iterations (.svg)");
  add_positive(*command, "--time-limit", options.run.time_limit,
               "seconds after which the solver stops");
  add_run_options(*command, options.run);
}

}  // namespace otbridge::cli
