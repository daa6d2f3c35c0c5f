// interpolate LAW LAW | PROBLEM | PLAN: paths of the bridge.

#include <algorithm>
#include <functional>

#include "animation.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "frames.hpp"
#include "interrupt.hpp"
#include "memory_guard.hpp"
#include "moving.hpp"
#include "otbridge/core/chosen_rows.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/report_json.hpp"
#include "otbridge/page/solution_page.hpp"
#include "otbridge/solve/report_text.hpp"
#include "output.hpp"
#include "page.hpp"
#include "picture.hpp"
#include "run_solver.hpp"
#include "sampler.hpp"
#include "saved_plan.hpp"

namespace otbridge::cli {
namespace {

struct InterpolateOptions {
  ProblemOptions problem;
  RunOptions run;
  // Texts as given; empty: not given.
  std::string times, input, plot, path_plot, report, animation;
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

// Before solving: the slices of all times are held until they are written, and once more while they
// are made; as text all at once, as an array once more and in its bytes, or each as a cloud of its
// own.
void check_paths(const Points& start, std::size_t times, const std::string& output) {
  const double slice = 8.0 * static_cast<double>(start.size());
  const double copies = is_pattern(output) ? 2.0 : extension_of(output) == ".npy" ? 3.0 : 8.0;
  check_bytes(std::to_string(times) + " times of " + std::to_string(start.rows()) +
                  " points in dimension " + std::to_string(start.cols()),
              slice * (copies * static_cast<double>(times) + 8.0));
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

// The files of the paths: one for all times, or one for each where the name is a pattern, of a
// cloud or a picture.
std::vector<std::string> path_files(const std::string& output, std::size_t times) {
  if (is_pattern(output)) {
    if (is_picture(output)) {
      check_pictures({{"-o", output}});
    } else {
      check_cloud_ending(output);
    }
    return numbered("-o", output, static_cast<Index>(times));
  }
  // Files of clouds have no time; those that are none are refused by their extension.
  if (!holds_paths(output)) {
    if (!is_picture(output)) check_cloud_ending(output);
    throw UsageError("-o " + output +
                     ": paths are written as .npy or .csv, or a cloud or picture for each time: "
                     "frame_%03d.ply");
  }
  return {output};
}

// picture: that of the k-th time.
void write(const Paths& paths, const Cloud& start, const std::string& output,
           const std::vector<std::string>& files,
           const std::function<std::string(std::size_t)>& picture) {
  if (!is_pattern(output)) return write_paths(paths, start, output);
  Cloud frame = start;
  for (std::size_t k = 0; k < files.size(); ++k) {
    if (is_picture(output)) {
      write_picture(files[k], picture(k));
      continue;
    }
    frame.points = paths.at[k];
    write_cloud(frame, files[k]);
  }
}

int run_interpolate(const InterpolateOptions& options) {
  const std::vector<double> times = asked_times(options);
  const Direction direction = parse_direction(options.direction);
  const std::vector<std::string> files = path_files(options.run.output, times.size());
  check_pictures({{"--plot", options.plot}, {"--plot-paths", options.path_plot}});
  check_report(options.report);
  check_animation(options.animation);
  NamedOutputs outputs{{"--plot", options.plot},
                       {"--report", options.report},
                       {"--animate", options.animation},
                       {"--plot-paths", options.path_plot},
                       {"--checkpoint", options.run.checkpoint}};
  for (const std::string& file : files) outputs.emplace_back("-o", file);
  check_distinct(std::move(outputs), options.run);
  for (const std::string& file : files) check_outputs({file});
  // A plan that was saved, or the problem to be solved for one.
  std::optional<SavedPlan> saved;
  if (names_plan(options.problem)) {
    check_reading(options.problem.reading, !options.input.empty());
    saved = read_saved_plan(options.problem, options.run);
  }
  ProblemOptions problem = options.problem;
  problem.reads_input = !options.input.empty();
  const Job job = saved ? saved->job : resolve_job(problem);
  if (!saved) check_draws(*job.solver, job, job.settings);
  check_sampler(options.sampler, *job.solver);
  if (!is_picture(options.run.output)) check_room(files.front(), job.problem.dimension());
  const Cloud source =
      saved ? saved->source : points_of(job.source, Direction::forward, job.samples, job.seed);
  const Cloud target =
      saved ? saved->target : points_of(job.target, Direction::backward, job.samples, job.seed);
  Cloud start =
      !options.input.empty()
          ? read_input(options.input, options.problem.reading, options.run, job.problem.dimension(),
                       saved ? "the plan" : "the problem", columns_of(job).at(direction))
      : direction == Direction::forward ? source
                                        : target;
  check_paths(start.points, times.size(), options.run.output);
  auto checkpoint = open_checkpoint(job, options.run);
  if (saved) {
    print_notes(job.notes, options.run.quiet);
    print_summary(*saved, options.run.quiet);
  }
  const Solution solution =
      saved ? std::move(saved->solution)
            : run_solver(job, options.run, {.checkpoint = checkpoint ? &*checkpoint : nullptr});
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
  const Origin origin =
      origin_of(job, options.run, {options.problem.first, options.problem.second, options.input});
  const PlotEnds ends{plot_cloud(source), plot_cloud(target), origin.columns};
  // n of the source, as in the summary, though --input may start other points.
  const std::string details =
      subtitle(solution.report, source.points.rows()) + sampler_words(options.sampler);
  const FigureText of_slices = figure_text(origin, job.title(), details,
                                           "The bridge from " + job.title() + " at several times");
  bool whole = done == n;
  // Paths before pictures, which are made of them again.
  if (!options.run.json || options.run.output != "-") {
    write(paths, start, options.run.output, files, [&](std::size_t k) {
      return draw_frame(of_slices, ends, paths, k, start.points, plot_stream);
    });
  }
  if (options.run.json) {
    Json report = report_to_json(solution.report, !saved);
    if (saved && !saved->reported) {
      for (const char* key : {"stop_reason", "iterations", "mean_cost"}) report[key] = nullptr;
    }
    report["seed"] = job.seed;  // of the paths; that of a solve is the same
    if (is_pattern(options.run.output)) report["files"] = files;
    report["source"] = reading_json(job.source);
    report["target"] = reading_json(job.target);
    report["times"] = times;
    if (done < n) report["notes"].push_back(interruption(done, n));
    report_sampler(options.sampler, report);
    print_json(report);
  }

  // Of an interrupted run there are no pictures.
  if (!options.plot.empty() && done == n) {
    write_picture(options.plot, draw_slices(of_slices, ends, paths, start.points, plot_stream));
  }
  if (!options.path_plot.empty() && done == n) {
    const FigureText text =
        figure_text(origin, job.title(), details, "Paths of the bridge from " + job.title());
    const DrawnPaths drawn = drawn_paths(mover, start.points, direction, options.mean_paths, stream,
                                         plot_stream.fork(1));
    write_picture(options.path_plot,
                  draw_paths(text, ends, drawn.paths, drawn.start, drawn.means, plot_stream));
  }
  if (!options.animation.empty() && done == n) {
    // The frames that were asked for, or those of a film of their own, of no more points than it
    // shows.
    constexpr Index kPoints = 2000;
    const auto rows = chosen_rows(n, options.frames ? n : kPoints, plot_stream.fork(2));
    const Points moving = start.points(rows, Eigen::all);
    const Paths film = options.frames ? paths
                                      : mover.sample_paths(moving, even_times(kAnimationFrames),
                                                           direction, stream);
    FigureText of_film = of_slices;
    if (moving.rows() < n)
      of_film.subtitle += ", " + std::to_string(kPoints) + " of " + std::to_string(n) + " points";
    write_animation(options.animation, of_film, ends, film, moving, plot_stream);
  }
  if (!options.report.empty() && whole) {
    const std::string slices = draw_slices(of_slices, ends, paths, start.points, plot_stream);
    whole = write_page(options.report,
                       solution_page({.origin = origin,
                                      .report = solution.report,
                                      .reported = !saved || saved->reported,
                                      .ends = ends,
                                      .start = plot_cloud(start),
                                      .drawings = {{of_slices.description, slices}},
                                      .solver = job.solver,
                                      .settings = settings_for(*job.solver, job, job.settings)},
                                     mover, {}, direction, parts_shown(options.run)));
  }
  // What was learnt is of use until all is written.
  close_checkpoint(checkpoint, whole && !goes_on(solution.report.stop_reason), options.run);
  if (!whole) return interrupt_exit_code();
  return exit_code(solution.report.stop_reason, saved.has_value());
}

}  // namespace

void add_interpolate(CLI::App& app, Action& action) {
  const auto [command, options] = declare<InterpolateOptions>(
      app, action, "interpolate",
      "Paths of the bridge at given times.\n\nExamples:\n"
      "  otbridge interpolate moons 8gaussians --times 0,0.5,1 -o paths.csv\n"
      "  otbridge interpolate a.ply b.ply --frames 5 --plot frames.svg -o frames.npy\n"
      "  otbridge interpolate plan.safetensors --frames 30 -o frame_%03d.ply\n"
      "  otbridge interpolate moons 8gaussians --animate bridge.gif -o paths.npy",
      run_interpolate);
  add_problem_options(
      command, options.problem,
      {.form = "LAW|PROBLEM|PLAN", .what = "source LAW, a PROBLEM file or a PLAN file"});
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
  add_text(command, "--animate", "FILE", options.animation,
           "a film of the bridge, of --frames or 60 (.gif .png .svg)");
  add_report(command, options.report);
  add_positive(command, "--time-limit", options.run.time_limit,
               "seconds after which the solver stops");
  add_checkpoint(command, options.run);
  add_run_options(command, options.run);
}

}  // namespace otbridge::cli
