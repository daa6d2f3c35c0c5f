#include "sampler.hpp"

#include <utility>
#include <vector>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/io/json.hpp"
#include "otbridge/plan/sampler.hpp"
#include "otbridge/solvers/registry.hpp"
#include "output.hpp"

namespace otbridge::cli {
namespace {

// The options that were given with their values, in the order of the help.
std::vector<std::pair<std::string, Json>> given(const SamplerOptions& options) {
  std::vector<std::pair<std::string, Json>> all;
  if (options.noise) all.emplace_back("noise", *options.noise);
  if (!options.stepper.empty()) all.emplace_back("stepper", options.stepper);
  if (options.steps) all.emplace_back("steps", *options.steps);
  if (!options.schedule.empty()) all.emplace_back("schedule", options.schedule);
  if (options.denoise_last) all.emplace_back("denoise-last", true);
  if (options.corrector) all.emplace_back("corrector", *options.corrector);
  return all;
}

// "noise 0", "denoise-last": an option as the command line has it, without its dashes.
std::string words(const std::pair<std::string, Json>& option) {
  const Json& value = option.second;
  if (value.is_boolean()) return option.first;
  return option.first + " " +
         (value.is_string()         ? value.get<std::string>()
          : value.is_number_float() ? number_text(value.get<double>())
                                    : value.dump());
}

// Names the solvers that have one: all that take epsilon.
[[noreturn]] void refuse_without_drift(const SamplerOptions& options, std::string_view solver) {
  std::string with_drift;
  for (const auto& other : solvers()) {
    if (!other->regularised()) continue;
    with_drift += (with_drift.empty() ? "" : ", ") + std::string(other->name());
  }
  throw InvalidInput(
      "--" + words(given(options).front()),
      "plans of " + std::string(solver) + " have no drift; those of " + with_drift + " have one");
}

}  // namespace

void add_sampler(CLI::App& command, SamplerOptions& target) {
  add_within(command, "--noise", target.noise,
             "variance rate of the moving process as a multiple of epsilon: 0 is the "
             "probability-flow ODE, 1 the bridge, more mixes more; marginals stay, the coupling "
             "of 1 alone is the bridge's [1]",
             0.0, kMostNoise);
  add_choice(command, "--stepper", target.stepper, {"euler", "heun"},
             "integrator of the moving process: euler, one drift a step, or heun, of second order "
             "with two [heun; euler for the bridge of dsb]");
  add_count(command, "--steps", target.steps,
            "steps of the moving process over [0,1] [those it was trained on, or 100]", 2,
            kMostSamplerSteps);
  add_choice(command, "--schedule", target.schedule, {"triangular", "uniform"},
             "lengths of --steps; triangular is short at both ends [triangular]");
  needs(command, "--schedule", "--steps");
  add_flag(command, "--denoise-last", target.denoise_last,
           "the last step arrives at its mean, without noise");
  add_count(command, "--corrector", target.corrector,
            "Langevin steps by the score after each step but the last; marginals stay, the "
            "coupling is loosened [0]",
            0, kMostCorrections);
}

void check_sampler(const SamplerOptions& options, const Solver& solver) {
  if (!given(options).empty() && !solver.regularised()) {
    refuse_without_drift(options, solver.name());
  }
}

std::unique_ptr<const TransportPlan> under_sampler(const TransportPlan& plan,
                                                   const SamplerOptions& options, bool quiet) {
  if (given(options).empty()) return nullptr;
  if (plan.drift() == nullptr) refuse_without_drift(options, plan.name());
  SamplerSettings settings;
  settings.noise = options.noise.value_or(settings.noise);
  settings.stepper = options.stepper;
  settings.steps = options.steps.value_or(settings.steps);
  if (!options.schedule.empty()) settings.schedule = options.schedule;
  settings.denoise_last = options.denoise_last;
  settings.corrector = options.corrector.value_or(settings.corrector);
  auto sampled = with_sampler(plan, settings);
  const bool uses_both = settings.noise != 1.0 || settings.corrector > 0;
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    if (!uses_both || plan.drift()->trained(direction)) continue;
    const std::string other = direction == Direction::forward ? "backward" : "forward";
    const std::string option = settings.noise != 1.0
                                   ? "--noise " + number_text(settings.noise)
                                   : "--corrector " + std::to_string(settings.corrector);
    print_notes({option + ": the plan learned its " + other +
                 " direction alone; the marginals that stay are those of the reference, which it "
                 "reverses"},
                quiet);
  }
  return sampled;
}

std::string sampler_words(const SamplerOptions& options) {
  std::string all;
  for (const auto& option : given(options)) all += ", " + words(option);
  return all;
}

void report_sampler(const SamplerOptions& options, Json& report) {
  for (const auto& [name, value] : given(options)) {
    report[name == "denoise-last" ? "denoise_last" : name] = value;
  }
}

}  // namespace otbridge::cli
