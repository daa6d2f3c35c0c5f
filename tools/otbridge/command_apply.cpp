// apply PLAN --input FILE: moves new points with a saved plan.

#include "commands.hpp"
#include "exit_code.hpp"
#include "job.hpp"
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
  SamplerOptions sampler;
  ReadOptions reading;
  RunOptions run;
};

int run_apply(const ApplyOptions& options) {
  const Direction direction = parse_direction(options.direction);
  // Outputs are refused before the plan is read: their extension, then whether they can be written.
  if (options.run.output != "-") cloud_format(options.run.output);
  check_outputs({options.run.output});
  const auto plan = read_plan(options.plan);
  Cloud cloud = read_input(options.input, options.reading, options.run);
  // The plan would refuse it too, without knowing the names of the two files.
  if (cloud.points.cols() != plan->problem().dimension()) {
    throw InvalidInput(options.input, "has dimension " + std::to_string(cloud.points.cols()) +
                                          ", the plan " + options.plan + " has " +
                                          std::to_string(plan->problem().dimension()));
  }
  const auto sampled = under_sampler(*plan, options.sampler, options.run.quiet);
  const TransportPlan& mover = sampled ? *sampled : *plan;
  // The stream of `transport --mode sample`: the same seed draws the same far ends.
  const std::uint64_t seed = options.seed.value_or(0);
  try {
    cloud.points = options.mode == "map" ? mover.map(cloud.points, direction)
                                         : mover.sample(cloud.points, direction,
                                                        RandomStream(seed, Purpose::plan_sample));
  } catch (const InvalidInput& refusal) {
    // Either may be the one that is out of range.
    throw InvalidInput(options.plan + " at the points of " + options.input, refusal.what());
  }
  // One thing on stdout: the report where it is asked for, else the cloud.
  if (!options.run.json || options.run.output != "-") write_cloud(cloud, options.run.output);
  if (options.run.json) {
    Json report{{"plan", options.plan},
                {"solver", plan->name()},
                {"points", cloud.points.rows()},
                {"dimension", cloud.points.cols()},
                {"mode", options.mode},
                {"direction", options.direction},
                {"seed", seed}};
    report_sampler(options.sampler, report);
    print_json(report);
  }
  return kDone;
}

}  // namespace

void add_apply(CLI::App& app, Action& action) {
  const auto [command, options] = declare<ApplyOptions>(
      app, action, "apply",
      "Move new points with a saved plan.\n\nExample:\n"
      "  otbridge apply plan.safetensors --input new.csv --mode sample -o moved.csv",
      run_apply);
  add_text(command, "plan", options.plan, "plan file (.safetensors)", true);
  add_text(command, "--input", options.input, "cloud to move", true);
  add_mode(command, options.mode);
  add_direction(command, options.direction);
  add_sampler(command, options.sampler);
  add_seed(command, options.seed);
  add_reading_options(command, options.reading);
  add_run_options(command, options.run);
}

}  // namespace otbridge::cli
