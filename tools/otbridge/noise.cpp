#include "otbridge/plan/noise.hpp"

#include "noise.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solvers/registry.hpp"
#include "output.hpp"

namespace otbridge::cli {
namespace {

// Names the solvers that have one: all that take epsilon.
[[noreturn]] void refuse_without_drift(double noise, std::string_view solver) {
  std::string with_drift;
  for (const auto& other : solvers()) {
    if (!other->regularised()) continue;
    with_drift += (with_drift.empty() ? "" : ", ") + std::string(other->name());
  }
  throw InvalidInput(
      "--noise " + number_text(noise),
      "plans of " + std::string(solver) + " have no drift; those of " + with_drift + " have one");
}

}  // namespace

void add_noise(CLI::App& command, std::optional<double>& target) {
  add_within(command, "--noise", target,
             "variance rate of the moving process as a multiple of epsilon: 0 is the "
             "probability-flow ODE, 1 the bridge, more mixes more; marginals stay, the coupling "
             "of 1 alone is the bridge's [1]",
             0.0, kMostNoise);
}

void check_noise(const std::optional<double>& noise, const Solver& solver) {
  if (noise && !solver.regularised()) refuse_without_drift(*noise, solver.name());
}

std::unique_ptr<const TransportPlan> under_noise(const TransportPlan& plan,
                                                 const std::optional<double>& noise, bool quiet) {
  if (!noise) return nullptr;
  if (plan.drift() == nullptr) refuse_without_drift(*noise, plan.name());
  NoiseSettings settings;
  settings.ratio = *noise;
  auto noisy = with_noise(plan, settings);
  for (const Direction direction : {Direction::forward, Direction::backward}) {
    if (*noise == 1.0 || plan.drift()->trained(direction)) continue;
    const std::string other = direction == Direction::forward ? "backward" : "forward";
    print_notes({"--noise " + number_text(*noise) + ": the plan learned its " + other +
                 " direction alone; the marginals that stay are those of the reference, which it "
                 "reverses"},
                quiet);
  }
  return noisy;
}

std::string noise_words(const std::optional<double>& noise) {
  return noise ? ", noise " + number_text(*noise) : "";
}

}  // namespace otbridge::cli
