// --noise ETA: the same marginals by a process of another noise (otbridge/plan/noise.hpp).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "options.hpp"
#include "otbridge/plan/transport_plan.hpp"
#include "otbridge/solve/solver.hpp"

namespace otbridge::cli {

// The option of the commands that move points; checked when it is read.
void add_noise(CLI::App& command, std::optional<double>& target);

// Before solving: refuses --noise with a solver that leaves epsilon out, whose plans have no drift.
void check_noise(const std::optional<double>& noise, const Solver& solver);

// The plan under the asked noise, made of `plan`, which must outlive it; null where none was asked
// for. Prints a note where one direction of a learned plan was not trained.
std::unique_ptr<const TransportPlan> under_noise(const TransportPlan& plan,
                                                 const std::optional<double>& noise, bool quiet);

// ", noise 0", for the grey line of a picture; empty where none was asked for.
std::string noise_words(const std::optional<double>& noise);

}  // namespace otbridge::cli
