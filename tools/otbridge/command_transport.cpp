// transport LAW LAW | PROBLEM: solves, then moves points.

#include <algorithm>

#include "commands.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "moving.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/io/report_json.hpp"
#include "output.hpp"
#include "picture.hpp"
#include "run_solver.hpp"
#include "sampler.hpp"

namespace otbridge::cli {
namespace {

// Defaults of the contract: the conditional mean of the source points.
struct TransportOptions {
  ProblemOptions problem;
  RunOptions run;
  std::string input, plan, plot, convergence_plot;
  std::string mode = "map", direction = "forward";
  SamplerOptions sampler;
};

// The coupling of the two clouds of a picture where it can be drawn flow by flow; else empty.
std::vector<Flow> few_flows(const TransportPlan& plan, const PlotEnds& ends) {
  const Coupling* coupling = plan.coupling();
  if (coupling == nullptr || coupling->source_points().rows() != ends.source.points.rows() ||
      coupling->target_points().rows() != ends.target.points.rows() ||
      std::max(ends.source.points.rows(), ends.target.points.rows()) > kFewPoints) {
    return {};
  }
  return coupling->flows();
}

// Everything that can be refused is refused before the solver runs.
int run_transport(const TransportOptions& options) {
  const Direction direction = parse_direction(options.direction);
  check_outputs({options.run.output, options.plan});
  check_pictures({{"--plot", options.plot}, {"--plot-convergence", options.convergence_plot}});
  if (options.run.output != "-") cloud_format(options.run.output);
  const Job job = resolve_job(options.problem);
  check_sampler(options.sampler, *job.solver);
  const Cloud source = points_of(job.source, Direction::forward, job.samples, job.seed);
  const Cloud target = points_of(job.target, Direction::backward, job.samples, job.seed);
  // What moves: the file of --input, else the cloud at the start of the direction.
  Cloud moving = !options.input.empty()
                     ? read_input(options.input, options.problem.reading, options.run)
                 : direction == Direction::forward ? source
                                                   : target;
  if (moving.points.cols() != job.problem.dimension()) {
    throw InvalidInput(options.input, "has dimension " + std::to_string(moving.points.cols()) +
                                          ", the problem has " +
                                          std::to_string(job.problem.dimension()));
  }

  const Index n = moving.points.rows();
  const bool maps = options.mode == "map";
  auto checkpoint = open_checkpoint(
      job, options.run, {options.run.output, options.plan, options.plot, options.convergence_plot});
  const Solution solution = run_solver(job, options.run,
                                       {.keeps_plan = !options.plan.empty(),
                                        .checkpoint = checkpoint ? &*checkpoint : nullptr,
                                        .mapped = maps ? n : 0,
                                        .drawn = maps ? 0 : n});
  // The plan first: it is what cost the time.
  if (!options.plan.empty()) {
    write_plan(solution, options.plan);
    hurry_if_interrupted();  // it was waited for; what follows is not
  }
  const auto sampled = under_sampler(*solution.plan, options.sampler, options.run.quiet);
  const TransportPlan& mover = sampled ? *sampled : *solution.plan;
  // Kept for the picture: `moving` is overwritten, and keeps ids and weights.
  const PlotCloud start = plot_cloud(moving);
  Index done = n;
  try {
    done = move_points(mover, maps, direction, RandomStream(job.seed, Purpose::plan_sample),
                       options.run, moving);
  } catch (const InvalidInput& refusal) {
    if (options.input.empty()) throw;
    throw InvalidInput(options.input, refusal.what());
  }

  // Which points a picture leaves out is a draw too: the same bytes for the same seed.
  const RandomStream plot_stream(job.seed, Purpose::plot);
  const std::string details =
      subtitle(solution.report, source.points.rows()) + sampler_words(options.sampler);
  // Of points that were not moved there is no picture.
  if (!options.plot.empty() && done == n) {
    const FigureText text =
        figure_text(job, options.run, job.title(), details,
                    "Source, target and moved points of " + job.title() + " with transport lines");
    const PlotEnds ends = plot_ends(job, plot_cloud(source), plot_cloud(target));
    const PlotMove move{start, moving.points, maps ? "conditional mean" : "one draw each"};
    write_picture(options.plot,
                  draw_transport(text, ends, move, few_flows(*solution.plan, ends), plot_stream));
  }
  if (!options.convergence_plot.empty()) {
    const FigureText text = figure_text(job, options.run, "Convergence: " + job.title(), details,
                                        "Errors against iterations");
    write_picture(options.convergence_plot,
                  draw_convergence(text, solution.report.trace, tolerance_of(job)));
  }
  if (!options.run.json || options.run.output != "-") write_cloud(moving, options.run.output);
  if (options.run.json) {
    Json report = report_to_json(solution.report);
    report["source"] = reading_json(job.source);
    report["target"] = reading_json(job.target);
    report_sampler(options.sampler, report);
    print_json(report);
  }
  close_checkpoint(checkpoint, !goes_on(solution.report.stop_reason), options.run);
  if (done < n) return interrupt_exit_code();
  // Not converged is told by the exit code, after whatever is usable was written.
  return exit_code(solution.report.stop_reason);
}

}  // namespace

void add_transport(CLI::App& app, Action& action) {
  const auto [command, options] = declare<TransportOptions>(
      app, action, "transport",
      "Solve a transport problem and move points.\n\nExamples:\n"
      "  otbridge transport moons 8gaussians -o moved.csv --plot moved.svg\n"
      "  otbridge transport a.csv b.csv --epsilon-relative 0.01 --set tolerance=1e-8 --json\n"
      "  otbridge transport data/problems/ornstein_uhlenbeck.json --plan plan.safetensors\n"
      "  otbridge transport a.csv b.csv --solver dsbm --checkpoint run.safetensors -o moved.csv",
      run_transport);
  add_problem_options(command, options.problem);
  add_text(command, "--input", "FILE", options.input,
           "cloud to move in place of the source points");
  add_mode(command, options.mode);
  add_direction(command, options.direction);
  add_sampler(command, options.sampler);
  add_text(command, "--plan", "FILE", options.plan, "save the plan here (.safetensors)");
  add_text(command, "--plot", "FILE", options.plot,
           "draw source, target and moved points here (.svg .png .pdf)");
  add_text(command, "--plot-convergence", "FILE", options.convergence_plot,
           "draw errors against iterations here (.svg .png .pdf)");
  add_positive(command, "--time-limit", options.run.time_limit,
               "seconds after which the solver stops");
  add_checkpoint(command, options.run);
  add_run_options(command, options.run);
}

}  // namespace otbridge::cli
