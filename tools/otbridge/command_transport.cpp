// transport LAW LAW | PROBLEM: solves, then moves points.

#include <algorithm>

#include "commands.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "moving.hpp"
#include "otbridge/io/coupling_file.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/plan_file.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/page/solution_page.hpp"
#include "otbridge/solve/report_text.hpp"
#include "otbridge/solvers/registry.hpp"
#include "output.hpp"
#include "page.hpp"
#include "picture.hpp"
#include "run_solver.hpp"
#include "sampler.hpp"

namespace otbridge::cli {
namespace {

// Defaults of the contract: the conditional mean of the source points.
struct TransportOptions {
  ProblemOptions problem;
  RunOptions run;
  std::string input, plan, coupling, plot, convergence_plot, report;
  std::string mode = "map", direction = "forward";
  SamplerOptions sampler;
};

// Before solving: a solver whose plans are no couplings of clouds has none to write.
void check_coupling(const std::string& path, const Solver& solver) {
  if (path.empty() || solver.couples_clouds()) return;
  std::string with_coupling;
  for (const auto& other : solvers()) {
    if (!other->couples_clouds()) continue;
    with_coupling += (with_coupling.empty() ? "" : ", ") + std::string(other->name());
  }
  throw InvalidInput("--coupling " + path, "plans of " + std::string(solver.name()) +
                                               " couple no two clouds; those of " + with_coupling +
                                               " do");
}

// Optimal flows are few, and written all; of others those that weigh anything.
Json write_coupling_file(const TransportOptions& options, const Job& job,
                         const TransportPlan& plan) {
  const auto ids = [](const NamedLaw& law) {
    return law.cloud ? law.cloud->ids : std::vector<std::string>{};
  };
  const bool dense = job.solver->regularised();
  const WrittenCoupling written =
      write_coupling(*plan.coupling(), dense ? kLeastShare : 0.0, ids(job.source), ids(job.target),
                     options.coupling);
  if (dense) {
    print_notes(
        {options.coupling + ": " + std::to_string(written.entries) + " entries; those below " +
         short_number(kLeastShare) + " a_i b_j are left out, together " +
         short_number(written.left_out) + " of the mass"},
        options.run.quiet);
  }
  return {{"file", options.coupling},
          {"entries", written.entries},
          {"least_share", dense ? kLeastShare : 0.0},
          {"mass_left_out", written.left_out}};
}

WeightedPoints weighted(const Cloud& cloud) {
  return cloud.weights.size() > 0 ? WeightedPoints(cloud.points, cloud.weights)
                                  : WeightedPoints(cloud.points);
}

// Everything that can be refused is refused before the solver runs.
int run_transport(const TransportOptions& options) {
  const Direction direction = parse_direction(options.direction);
  check_ending("--plan", options.plan, ".safetensors");
  check_ending("--coupling", options.coupling, ".csv", true);
  check_pictures({{"--plot", options.plot}, {"--plot-convergence", options.convergence_plot}});
  check_report(options.report);
  check_distinct({{"-o", options.run.output},
                  {"--report", options.report},
                  {"--plan", options.plan},
                  {"--coupling", options.coupling},
                  {"--plot", options.plot},
                  {"--plot-convergence", options.convergence_plot},
                  {"--checkpoint", options.run.checkpoint}},
                 options.run);
  check_outputs({options.run.output, options.plan, options.coupling});
  check_cloud_ending(options.run.output, true);
  ProblemOptions problem = options.problem;
  problem.reads_input = !options.input.empty();
  const Job job = resolve_job(problem);
  check_draws(*job.solver, job, job.settings);
  check_sampler(options.sampler, *job.solver);
  check_coupling(options.coupling, *job.solver);
  check_room(options.run.output, job.problem.dimension());
  if (!options.plan.empty()) check_storable(job.problem);
  const Cloud source = points_of(job.source, Direction::forward, job.samples, job.seed);
  const Cloud target = points_of(job.target, Direction::backward, job.samples, job.seed);
  // What moves: the file of --input, else the cloud at the start of the direction; of a picture
  // that is to be written all colours, not those of the pixels that it was learnt from.
  const NamedLaw& start_law = direction == Direction::forward ? job.source : job.target;
  Cloud moving = !options.input.empty() ? read_input(options.input, options.problem.reading,
                                                     options.run, job.problem.dimension(),
                                                     "the problem", columns_of(job).at(direction))
                 : start_law.picture && is_image(options.run.output) ? *start_law.picture
                 : direction == Direction::forward                   ? source
                                                                     : target;
  check_pixels(options.run.output, moving);

  const Index n = moving.points.rows();
  const bool maps = options.mode == "map";
  auto checkpoint = open_checkpoint(job, options.run);
  const Solution solution = run_solver(job, options.run,
                                       {.keeps_plan = !options.plan.empty(),
                                        .checkpoint = checkpoint ? &*checkpoint : nullptr,
                                        .mapped = maps ? n : 0,
                                        .drawn = maps ? 0 : n});
  // The plan first: it is what cost the time.
  if (!options.plan.empty()) {
    write_plan(solution, options.plan, columns_of(job));
    hurry_if_interrupted();  // it was waited for; what follows is not
  }
  Json coupling;
  if (!options.coupling.empty()) coupling = write_coupling_file(options, job, *solution.plan);
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

  // Other points than the problem's may spread as they like, and so may some of them alone.
  std::optional<std::string> contracted;
  if (maps && options.input.empty() && done == n) {
    contracted =
        contraction(weighted(moving), weighted(direction == Direction::forward ? target : source),
                    direction, job.solver->regularised(), "--mode sample");
    if (contracted) print_notes({*contracted}, options.run.quiet);
  }

  bool whole = done == n;
  // Points before pictures, which are made of them again.
  if (!options.run.json || options.run.output != "-") {
    write_result(moving, maps ? "conditional means" : "draws", options.run);
  }
  if (options.run.json) {
    Json report = report_to_json(solution.report);
    if (contracted) report["notes"].push_back(*contracted);
    if (done < n) report["notes"].push_back(interruption(done, n));
    report["source"] = reading_json(job.source);
    report["target"] = reading_json(job.target);
    if (!coupling.is_null()) report["coupling"] = coupling;
    report_sampler(options.sampler, report);
    print_json(report);
  }

  const Origin origin =
      origin_of(job, options.run, {options.problem.first, options.problem.second, options.input});
  const std::string details =
      subtitle(solution.report, source.points.rows()) + sampler_words(options.sampler);
  const SettingAssignments settings = settings_for(*job.solver, job, job.settings);
  // Of points that were not moved there is no picture.
  if (whole && (!options.plot.empty() || !options.report.empty())) {
    const PlotEnds ends{plot_cloud(source), plot_cloud(target), origin.columns};
    const PlotMove move{start, moving.points, maps ? "conditional mean" : "one draw each",
                        direction};
    const PageDrawing drawing = transport_drawing(origin, details, *solution.plan, ends, move);
    if (!options.plot.empty()) write_picture(options.plot, drawing.svg);
    if (!options.report.empty()) {
      SolutionPage page{.origin = origin,
                        .report = solution.report,
                        .ends = ends,
                        .start = start,
                        .drawings = {drawing},
                        .moved_name = move.name,
                        .solver = job.solver,
                        .settings = settings};
      if (contracted) page.sentences.push_back("Note: " + *contracted + ".");
      whole = write_page(options.report, solution_page(page, mover, moving.points, direction,
                                                       parts_shown(options.run)));
    }
  }
  if (!options.convergence_plot.empty()) {
    const FigureText text =
        figure_text(origin, "Convergence: " + job.title(), details, "Errors against iterations");
    write_picture(options.convergence_plot, draw_convergence(text, solution.report.trace,
                                                             tolerance_of(*job.solver, settings)));
  }
  // What was learnt is of use until all is written.
  close_checkpoint(checkpoint, whole && !goes_on(solution.report.stop_reason), options.run);
  if (!whole) return interrupt_exit_code();
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
      "  otbridge transport day.jpg sunset.jpg -o recoloured.png\n"
      "  otbridge transport a.csv b.csv --solver dsbm --checkpoint run.safetensors -o moved.csv",
      run_transport);
  add_problem_options(command, options.problem);
  add_text(command, "--input", "FILE", options.input,
           "cloud to move in place of the source points");
  add_mode(command, options.mode);
  add_direction(command, options.direction);
  add_sampler(command, options.sampler);
  add_text(command, "--plan", "FILE", options.plan, "save the plan here (.safetensors)");
  add_text(command, "--coupling", "FILE", options.coupling,
           "write the coupling of the two clouds here, i,j,mass (.csv)");
  add_text(command, "--plot", "FILE", options.plot,
           "draw source, target and moved points here (.svg .png .pdf)");
  add_text(command, "--plot-convergence", "FILE", options.convergence_plot,
           "draw errors against iterations here (.svg .png .pdf)");
  add_report(command, options.report);
  add_positive(command, "--time-limit", options.run.time_limit,
               "seconds after which the solver stops");
  add_checkpoint(command, options.run);
  add_run_options(command, options.run);
}

}  // namespace otbridge::cli
