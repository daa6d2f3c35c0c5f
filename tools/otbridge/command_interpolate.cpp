// interpolate LAW LAW | PROBLEM: paths of the bridge.

#include <algorithm>

#include "commands.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "memory_guard.hpp"
#include "moving.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/report_json.hpp"
#include "output.hpp"
#include "picture.hpp"
#include "run_solver.hpp"
#include "sampler.hpp"

namespace otbridge::cli {
namespace {

struct InterpolateOptions {
  ProblemOptions problem;
  RunOptions run;
  // Texts as given; empty: not given.
  std::string times, input, plot, path_plot;
  bool mean_paths = false;
  std::optional<Index> frames;
  std::string direction = "forward";
  SamplerOptions sampler;
};

// 0, ..., 1 with both ends; frames >= 2 by the check of the option.
std::vector<double> even_times(Index frames) {
  std::vector<double> times;
  for (Index k = 0; k < frames; ++k) {
    times.push_back(static_cast<double>(k) / static_cast<double>(frames - 1));
  }
  return times;
}

// What --plot-paths draws.
struct DrawnPaths {
  Points start;
  Paths paths, means;  // means: empty unless asked for
};

// A few of the starting points, chosen by chance, at times fine enough for paths; each drawn as the
// row that it is, so that its ends are those of the file.
DrawnPaths drawn_paths(const TransportPlan& mover, const Points& start, Direction direction,
                       bool with_means, const RandomStream& stream,
                       const RandomStream& plot_stream) {
  constexpr Index kPaths = 40, kMeans = 8, kTimes = 60, kDraws = 64;
  auto rows = permutation(start.rows(), plot_stream);
  rows.resize(static_cast<std::size_t>(std::min(kPaths, start.rows())));
  const std::vector<double> times = even_times(kTimes);
  const auto count = static_cast<Index>(rows.size());
  DrawnPaths drawn{start(rows, Eigen::all), {times, {}}, {}};
  drawn.paths.at.assign(times.size(), Points(count, start.cols()));
  const Index mean_count = with_means ? std::min(kMeans, count) : 0;
  if (with_means) {
    drawn.means.times = times;
    drawn.means.at.assign(times.size(), Points(mean_count, start.cols()));
  }
  for (Index i = 0; i < count; ++i) {
    const Points one = drawn.start.row(i);
    const Paths path =
        mover.sample_paths(one, times, direction, stream, rows[static_cast<std::size_t>(i)]);
    for (std::size_t k = 0; k < times.size(); ++k) drawn.paths.at[k].row(i) = path.at[k];
    if (i >= mean_count) continue;
    const Paths draws = mover.sample_paths(one.replicate(kDraws, 1), times, direction,
                                           plot_stream.fork(static_cast<std::uint64_t>(i)));
    for (std::size_t k = 0; k < times.size(); ++k)
      drawn.means.at[k].row(i) = draws.at[k].colwise().mean();
  }
  return drawn;
}

// --frames and --times exclude each other; neither: quarters.
std::vector<double> asked_times(const InterpolateOptions& options) {
  if (options.frames) {
    // Of one point at least.
    check_memory("--frames " + std::to_string(*options.frames),
                 static_cast<double>(*options.frames), 1);
    return even_times(*options.frames);
  }
  if (options.times.empty()) return even_times(5);
  std::vector<double> times = parse_list("--times", options.times);
  try {
    check_times(times);
  } catch (const InvalidInput& refusal) {
    throw UsageError("--times " + options.times + ": " + refusal.what());
  }
  return times;
}

int run_interpolate(const InterpolateOptions& options) {
  const std::vector<double> times = asked_times(options);
  const Direction direction = parse_direction(options.direction);
  check_outputs({options.run.output});
  check_pictures({{"--plot", options.plot}, {"--plot-paths", options.path_plot}});
  // Files of clouds have no time; those that are none are refused by their extension.
  if (!holds_paths(options.run.output)) {
    cloud_format(options.run.output);
    throw UsageError("-o " + options.run.output + ": paths are written as .npy or .csv");
  }
  const Job job = resolve_job(options.problem);
  check_sampler(options.sampler, *job.solver);
  const Cloud source = points_of(job.source, Direction::forward, job.samples, job.seed);
  const Cloud target = points_of(job.target, Direction::backward, job.samples, job.seed);
  Cloud start = !options.input.empty()
                    ? read_input(options.input, options.problem.reading, options.run)
                : direction == Direction::forward ? source
                                                  : target;
  // Before solving: the slices are all held until they are written.
  check_memory(std::to_string(times.size()) + " times of " + std::to_string(start.points.rows()) +
                   " points in dimension " + std::to_string(start.points.cols()),
               static_cast<double>(start.points.rows()) * static_cast<double>(times.size()),
               start.points.cols());
  auto checkpoint =
      open_checkpoint(job, options.run, {options.run.output, options.plot, options.path_plot});
  const Solution solution =
      run_solver(job, options.run, {.checkpoint = checkpoint ? &*checkpoint : nullptr});
  const auto sampled = under_sampler(*solution.plan, options.sampler, options.run.quiet);
  const TransportPlan& mover = sampled ? *sampled : *solution.plan;
  // One stream for file and picture: the drawn paths are those of the file.
  const RandomStream stream(job.seed, Purpose::paths);
  Paths paths{times, {times.size(), Points(start.points.rows(), start.points.cols())}};
  const Index n = start.points.rows();
  const Index done = for_parts(n, "paths", options.run, [&](Index begin, Index end) {
    const Paths part = mover.sample_paths(start.points.middleRows(begin, end - begin), times,
                                          direction, stream, begin);
    for (std::size_t k = 0; k < times.size(); ++k) {
      paths.at[k].middleRows(begin, end - begin) = part.at[k];
    }
  });
  if (done < n) {
    start = first_rows(start, done);
    for (Points& slice : paths.at) slice.conservativeResize(done, Eigen::NoChange);
  }

  const RandomStream plot_stream(job.seed, Purpose::plot);
  const PlotEnds ends = plot_ends(job, plot_cloud(source), plot_cloud(target));
  // n of the source, as in the summary, though --input may start other points.
  const std::string details =
      subtitle(solution.report, source.points.rows()) + sampler_words(options.sampler);
  // Of an interrupted run there are no pictures.
  if (!options.plot.empty() && done == n) {
    const FigureText text = figure_text(job, options.run, job.title(), details,
                                        "The bridge from " + job.title() + " at several times");
    write_picture(options.plot, draw_slices(text, ends, paths, start.points, plot_stream));
  }
  if (!options.path_plot.empty() && done == n) {
    const FigureText text = figure_text(job, options.run, job.title(), details,
                                        "Paths of the bridge from " + job.title());
    const DrawnPaths drawn = drawn_paths(mover, start.points, direction, options.mean_paths, stream,
                                         plot_stream.fork(1));
    write_picture(options.path_plot,
                  draw_paths(text, ends, drawn.paths, drawn.start, drawn.means, plot_stream));
  }
  if (!options.run.json || options.run.output != "-") write_paths(paths, start, options.run.output);
  if (options.run.json) {
    Json report = report_to_json(solution.report);
    report["source"] = reading_json(job.source);
    report["target"] = reading_json(job.target);
    report["times"] = times;
    report_sampler(options.sampler, report);
    print_json(report);
  }
  close_checkpoint(checkpoint, !goes_on(solution.report.stop_reason), options.run);
  if (done < n) return interrupt_exit_code();
  return exit_code(solution.report.stop_reason);
}

}  // namespace

void add_interpolate(CLI::App& app, Action& action) {
  const auto [command, options] = declare<InterpolateOptions>(
      app, action, "interpolate",
      "Paths of the bridge at given times.\n\nExamples:\n"
      "  otbridge interpolate moons 8gaussians --times 0,0.5,1 -o paths.csv\n"
      "  otbridge interpolate a.ply b.ply --frames 5 --plot frames.svg -o frames.npy",
      run_interpolate);
  add_problem_options(command, options.problem);
  add_text(command, "--times", "TIMES", options.times,
           "ascending times in [0,1] [0,0.25,0.5,0.75,1]");
  add_count(command, "--frames", options.frames, "this many even times from 0 to 1", 2);
  exclude(command, "--frames", "--times");
  add_text(command, "--input", "FILE", options.input, "cloud whose points start the paths");
  add_direction(command, options.direction);
  add_sampler(command, options.sampler);
  add_text(command, "--plot", "FILE", options.plot, "draw the time slices here (.svg .png .pdf)");
  add_text(command, "--plot-paths", "FILE", options.path_plot,
           "draw some paths here (.svg .png .pdf)");
  add_flag(command, "--mean-paths", options.mean_paths,
           "draw the mean of 64 draws of a few paths of --plot-paths too");
  add_positive(command, "--time-limit", options.run.time_limit,
               "seconds after which the solver stops");
  add_checkpoint(command, options.run);
  add_run_options(command, options.run);
}

}  // namespace otbridge::cli
