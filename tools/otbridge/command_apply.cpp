// apply PLAN --input FILE: moves new points with a saved plan.

#include "commands.hpp"
#include "exit_code.hpp"
#include "job.hpp"
#include "otbridge/core/parallel.hpp"
#include "otbridge/io/atomic_file.hpp"
#include "otbridge/io/plan_file.hpp"

namespace otbridge::cli {
namespace {

struct ApplyOptions {
  std::string plan, input;
  std::string mode = "map", direction = "forward";
  std::optional<std::uint64_t> seed;
  RunOptions run;
};

int run_apply(const ApplyOptions& options) {
  const ThreadScope threads(options.run.threads);
  const Direction direction = parse_direction(options.direction);
  if (options.run.output != "-") cloud_format(options.run.output);
  check_outputs({options.run.output});
  const auto plan = read_plan(options.plan);
  Cloud cloud = read_cloud(options.input);
  if (cloud.points.cols() != plan->problem().dimension()) {
    throw InvalidInput(options.input, "has dimension " + std::to_string(cloud.points.cols()) +
                                          ", the plan " + options.plan + " has " +
                                          std::to_string(plan->problem().dimension()));
  }
  const std::uint64_t seed = options.seed.value_or(0);
  cloud.points = options.mode == "map" ? plan->map(cloud.points, direction)
                                       : plan->sample(cloud.points, direction,
                                                      RandomStream(seed, Purpose::plan_sample));
  if (!options.run.json || options.run.output != "-") write_cloud(cloud, options.run.output);
  if (options.run.json) {
    print_json({{"plan", options.plan},
                {"solver", plan->name()},
                {"points", cloud.points.rows()},
                {"dimension", cloud.points.cols()},
                {"mode", options.mode},
                {"direction", options.direction},
                {"seed", seed}});
  }
  return kDone;
}

}  // namespace

void add_apply(CLI::App& app, Action& action) {
  CLI::App* command = nullptr;
  auto& options = declare<ApplyOptions>(
      app, action, "apply",
      "Move new points with a saved plan.\n\nExample:\n"
      "  otbridge apply plan.safetensors --input new.csv --mode sample -o moved.csv",
      run_apply, command);
  command->add_option("plan", options.plan, "plan file (.safetensors)")->required();
  command->add_option("--input", options.input, "cloud to move")->required();
  command->add_option("--mode", options.mode, "map (conditional mean) or sample [map]")
      ->check(CLI::IsMember({"map", "sample"}));
  command->add_option("--direction", options.direction, "forward or backward [forward]")
      ->check(CLI::IsMember({"forward", "backward"}));
  add_seed(*command, options.seed);
  add_run_options(*command, options.run);
}

}  // namespace otbridge::cli
