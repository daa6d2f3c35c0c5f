#include <algorithm>
#include <cmath>
#include <string>

#include "measure/moments.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/solvers/gaussian.hpp"
#include "solve/run.hpp"
#include "solvers/gaussian/closed_form.hpp"
#include "solvers/gaussian/plan.hpp"

namespace otbridge {
namespace {

// The law itself, or under "match" the Gaussian of its moments, with a note of what was done.
Gaussian gaussian_of(const Measure& law, const std::string& side, const RandomStream& stream,
                     const GaussianSettings& settings, std::vector<std::string>& notes) {
  if (const auto* gaussian = law.as<Gaussian>()) return *gaussian;
  const std::string type(law->type());
  if (settings.moments != "match") {
    throw InvalidInput("/" + side, "is of type \"" + type +
                                       "\" and the gaussian solver takes Gaussian laws; "
                                       "\"moments\": \"match\" fits its mean and covariance");
  }
  const MeanCovariance moments = mean_covariance(*law, settings.samples, stream);
  notes.push_back("the " + side + " (" + type + ") stands as the Gaussian of its moments, " +
                  (moments.known
                       ? "which are known"
                       : "estimated from " + std::to_string(settings.samples) + " draws"));
  return {moments.mean, moments.covariance};
}

}  // namespace

std::vector<SettingField> describe(GaussianSettings& s) {
  return {{"moments",
           "exact takes Gaussian laws only; match replaces a law by the Gaussian of its moments",
           &s.moments,
           {},
           {"exact", "match"}},
          {"samples",
           "draws from which unknown moments are estimated under match",
           &s.samples,
           {.low = 2, .high = 1e8}}};
}

Solution solve_gaussian(const TransportProblem& problem, const GaussianSettings& settings,
                        const SolveContext& context) {
  check_settings(settings);
  Run run("gaussian", problem, context);
  SolveReport& report = run.report();
  const ReferenceProcess& reference = problem.reference();
  const auto fit = [&](const Measure& law, const char* side, Purpose purpose) {
    return gaussian_of(law, side, RandomStream(context.seed, purpose), settings, report.notes);
  };
  GaussianBridge bridge =
      gaussian_bridge(fit(problem.source(), "source", Purpose::source_draw),
                      fit(problem.target(), "target", Purpose::target_draw), reference);
  const GaussianMarginalErrors errors = marginal_errors(bridge, reference);
  report.value_linear = bridge.value_linear;
  report.kl = bridge.kl;
  report.value = bridge.value_linear + reference.endpoint_variance() * bridge.kl;
  report.marginal_error_source = errors.source;
  report.marginal_error_target = errors.target;

  constexpr double kVisible = 1e-6;
  if (std::max(errors.source, errors.target) > kVisible) {
    report.notes.push_back(
        "epsilon is so small against laws of different rank or shape that rounding shows in the "
        "conditionals: see the marginal errors");
  }

  auto plan = std::make_unique<const GaussianPlan>(problem, std::move(bridge));
  // Equal but for rounding, which the gap shows, and by which a lower bound is not to be above.
  report.dual_value = std::min(plan->dual_value(), *report.value);
  report.duality_gap = std::abs(*report.value - plan->dual_value());
  return run.finish(std::move(plan), StopReason::converged);
}

}  // namespace otbridge
