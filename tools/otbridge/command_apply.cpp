// apply PLAN --input FILE: moves new points with a saved plan, or says how likely it makes them.

#include <cmath>
#include <functional>
#include <optional>
#include <string>

#include "commands.hpp"
#include "exit_code.hpp"
#include "interrupt.hpp"
#include "job.hpp"
#include "moving.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/cloud.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/io/plan_file.hpp"
#include "output.hpp"
#include "sampler.hpp"

namespace otbridge::cli {
namespace {

// Positional: the plan. Everything a plan needs is in its file: no problem, no solver settings.
struct ApplyOptions {
  std::string plan, input;
  std::string mode = "map", direction = "forward";
  std::optional<std::uint64_t> seed;
  std::optional<Index> probes, chains;  // of the mode log-density
  SamplerOptions sampler;
  ReadOptions reading;
  RunOptions run;
};

constexpr const char* kLogDensity = "log-density";

// What only one of the modes has a use for, and formats that cannot hold the answer.
void check_mode(const ApplyOptions& options) {
  const std::string mode = "--mode " + options.mode;
  const bool written = options.run.output != "-";
  if (options.mode != kLogDensity) {
    if (options.probes) throw UsageError("--probes: not of " + mode);
    if (options.chains) throw UsageError("--chains: not of " + mode);
  } else if (!sampler_words(options.sampler).empty()) {
    throw UsageError(mode +
                     ": moves no points, and takes none of --noise, --stepper, --steps, "
                     "--denoise-last and --corrector");
  } else if (written && (cloud_format(options.run.output) == CloudFormat::ply ||
                         cloud_format(options.run.output) == CloudFormat::pcd)) {
    throw UsageError("-o " + options.run.output + ": log densities are written as .csv or .npy");
  }
}

// Part by part, as points are moved: a row's density is the same in any part. Returns the number of
// rows done.
Index find_densities(const TransportPlan& plan, ConstPoints points, Direction direction,
                     const ApplyOptions& options, LogDensity& found) {
  if (plan.density() == nullptr) {
    throw InvalidInput("--mode log-density",
                       "plans of " + std::string(plan.name()) + " know no density");
  }
  DensitySettings settings;
  settings.probes = options.probes.value_or(settings.probes);
  settings.chains = options.chains.value_or(settings.chains);
  const Index n = points.rows();
  found.value.resize(n);
  const Index done = for_parts(n, "log densities", options.run, [&](Index begin, Index end) {
    const LogDensity part =
        plan.density()->log_at(points.middleRows(begin, end - begin), direction, settings);
    found.value.segment(begin, end - begin) = part.value;
    if (part.bound.size() == 0) return;
    found.bound.conservativeResize(n);
    found.bound.segment(begin, end - begin) = part.bound;
  });
  found.value.conservativeResize(done);
  if (found.bound.size() > 0) found.bound.conservativeResize(done);
  return done;
}

// Further columns of the cloud, of as many rows: the points stay where they are.
void add_densities(const LogDensity& found, Cloud& cloud) {
  const Index d = cloud.points.cols();
  if (found.value.size() < cloud.points.rows()) cloud = first_rows(cloud, found.value.size());
  cloud.columns = coordinate_names(cloud);
  cloud.columns.emplace_back("log_density");
  if (found.bound.size() > 0) cloud.columns.emplace_back("log_density_bound");
  cloud.points.conservativeResize(Eigen::NoChange, static_cast<Index>(cloud.columns.size()));
  cloud.points.col(d) = found.value;
  if (found.bound.size() > 0) cloud.points.col(d + 1) = found.bound;
}

// The mean over the rows with its standard error; of one row none is known.
Json mean_of(const Vector& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = values.mean();
  const double squares = (values.array() - mean).square().sum();
  return {{"mean", mean},
          {"standard_error", n > 1.0 ? Json(std::sqrt(squares / (n * (n - 1.0)))) : Json()}};
}

// Either file may be the one that is out of range.
Index name_both(const ApplyOptions& options, const std::function<Index()>& answer) {
  try {
    return answer();
  } catch (const InvalidInput& refusal) {
    throw InvalidInput(options.plan + " at the points of " + options.input, refusal.what());
  }
}

// How many points were given, and how many were answered.
struct Applied {
  Index points = 0, done = 0;
  std::optional<LogDensity> density = {};
};

Applied apply_to_cloud(const TransportPlan& mover, const ProblemColumns& columns,
                       Direction direction, const RandomStream& stream,
                       const ApplyOptions& options) {
  // Log densities are asked for where the direction leads to.
  const Direction side = options.mode == kLogDensity ? opposite(direction) : direction;
  // The plan would refuse another dimension too, without knowing the names of the two files.
  Cloud cloud = read_input(options.input, options.reading, options.run, mover.problem().dimension(),
                           "the plan " + options.plan, columns.at(side));
  check_pixels(options.run.output, cloud);
  Applied applied{.points = cloud.points.rows()};
  applied.done = name_both(options, [&] {
    if (options.mode != kLogDensity) {
      return move_points(mover, options.mode == "map", direction, stream, options.run, cloud);
    }
    LogDensity& density = applied.density.emplace();
    const Index done = find_densities(mover, cloud.points, direction, options, density);
    add_densities(density, cloud);
    return done;
  });
  // One thing on stdout: the report where it is asked for, else the cloud.
  if (!options.run.json || options.run.output != "-") {
    write_result(cloud,
                 options.mode == "map"      ? "conditional means"
                 : options.mode == "sample" ? "draws"
                                            : "",
                 options.run);
  }
  return applied;
}

// Plain arrays from one file to another, some rows at a time: they may be larger than memory. Empty
// for everything else.
std::optional<Applied> apply_to_rows(const TransportPlan& mover, Direction direction,
                                     const RandomStream& stream, const ApplyOptions& options) {
  const auto is_npy = [](const std::string& path) { return extension_of(path) == ".npy"; };
  if (options.mode == kLogDensity || options.reading.given() || !is_npy(options.input) ||
      !is_npy(options.run.output) || !is_replaced(options.run.output)) {
    return std::nullopt;
  }
  const auto rows = NpyRowReader::open(options.input);
  if (!rows || rows->cols() != mover.problem().dimension()) return std::nullopt;
  NpyRowWriter moved(options.run.output, rows->cols());
  const Index done = name_both(options, [&] {
    return move_rows(mover, options.mode == "map", direction, stream, options.run, *rows, moved);
  });
  moved.finish();
  return Applied{.points = rows->rows(), .done = done};
}

int run_apply(const ApplyOptions& options) {
  const Direction direction = parse_direction(options.direction);
  // Outputs are refused before the plan is read: their extension, then whether they can be written.
  check_cloud_ending(options.run.output, options.mode != kLogDensity);
  check_mode(options);
  check_outputs({options.run.output});
  const PlanFile file = read_plan_file(options.plan);
  const auto& plan = file.plan;
  if (options.mode != kLogDensity) check_room(options.run.output, plan->problem().dimension());
  const auto sampled = under_sampler(*plan, options.sampler, options.run.quiet);
  const TransportPlan& mover = sampled ? *sampled : *plan;
  // The stream of `transport --mode sample`: the same seed draws the same far ends.
  const std::uint64_t seed = options.seed.value_or(0);
  const RandomStream stream(seed, Purpose::plan_sample);
  const auto by_rows = apply_to_rows(mover, direction, stream, options);
  const Applied applied =
      by_rows ? *by_rows : apply_to_cloud(mover, file.columns, direction, stream, options);
  if (options.run.json) {
    const Index d = plan->problem().dimension();
    Json report{{"plan", options.plan}, {"solver", plan->name()}, {"points", applied.done},
                {"dimension", d},       {"mode", options.mode},   {"direction", options.direction},
                {"seed", seed}};
    report_sampler(options.sampler, report);
    if (const auto& found = applied.density) {
      report["log_density"] = mean_of(found->value);
      if (found->bound.size() > 0) {
        report["log_density_bound"] = mean_of(found->bound);
        report["gap"] = mean_of(found->value - found->bound);
      }
    }
    print_json(report);
  }
  return applied.done < applied.points ? interrupt_exit_code() : kDone;
}

}  // namespace

void add_apply(CLI::App& app, Action& action) {
  const auto [command, options] = declare<ApplyOptions>(
      app, action, "apply",
      "Move new points with a saved plan.\n\nExamples:\n"
      "  otbridge apply plan.safetensors --input new.csv --mode sample -o moved.csv\n"
      "  otbridge apply plan.safetensors --input ends.csv --mode log-density -o likely.csv\n"
      "  otbridge apply plan.safetensors --input photo.jpg -o recoloured.png",
      run_apply);
  add_text(command, "plan", "PLAN", options.plan, "plan file (.safetensors)", true);
  add_text(command, "--input", "FILE", options.input, "cloud to move, or to ask about", true);
  add_choice(command, "--mode", options.mode, {"map", "sample", kLogDensity},
             "map (conditional mean), sample, or log-density: of the law that the direction leads "
             "to, at points that stay where they are [map]");
  add_direction(command, options.direction);
  add_sampler(command, options.sampler);
  add_count(command, "--probes", options.probes,
            "log-density: random vectors behind a trace in more dimensions than so many [8]", 1,
            4096);
  add_count(command, "--chains", options.chains,
            "log-density: paths behind each lower bound; 0 is none [32]", 0, 1000000);
  add_seed(command, options.seed);
  add_reading_options(command, options.reading);
  add_run_options(command, options.run);
}

}  // namespace otbridge::cli
