// --noise, --stepper, --steps, --schedule, --denoise-last, --corrector: how the chain that moves
// points is simulated (otbridge/plan/sampler.hpp).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "options.hpp"
#include "otbridge/io/json_fwd.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge::cli {

// What was given; the rest is left to the plan.
struct SamplerOptions {
  std::optional<double> noise;
  std::string stepper, schedule;
  std::optional<Index> steps, corrector;
  bool denoise_last = false;
};

// The options of the commands that move points; checked when they are read.
void add_sampler(CLI::App& command, SamplerOptions& target);

// Before solving: refuses them with a solver that leaves epsilon out, whose plans have no drift.
void check_sampler(const SamplerOptions& options, const Solver& solver);

// The plan under the asked sampler, made of `plan`, which must outlive it; null where none was
// asked for. Prints a note where one direction of a learned plan was not trained.
std::unique_ptr<const TransportPlan> under_sampler(const TransportPlan& plan,
                                                   const SamplerOptions& options, bool quiet);

// ", noise 0, heun", for the grey line of a picture; empty where nothing was asked for.
std::string sampler_words(const SamplerOptions& options);
// Adds what was given to a report, under the names of the options.
void report_sampler(const SamplerOptions& options, Json& report);

}  // namespace otbridge::cli
