#include "entropic/cloud_drift.hpp"
#include "mixture/mixture_drift.hpp"
#include "neural/drift_plan.hpp"
#include "otbridge/solvers/dsb.hpp"
#include "solve/drift_alternation.hpp"
#include "solve/entropic_start.hpp"
#include "solve/mixture_start.hpp"
#include "solvers/dsb/reversal_pairs.hpp"

namespace otbridge {
namespace {

// What the reference adds to the variance of a coordinate, over the mean square of the way between
// independent ends: the smaller, the more iterations does IPF take for the same way.
double reach(const DriftDesign& design) {
  const ReferenceProcess& reference = design.reference;
  const double a = reference.endpoint_decay();
  const double way = (design.target.mean - a * design.source.mean).squaredNorm() +
                     design.target.variance.sum() + a * a * design.source.variance.sum();
  return static_cast<double>(design.source.mean.size()) * reference.endpoint_variance() / way;
}

// target_error: the marginal error of the reference's own end.
std::string start_of(const DsbSettings& settings, const TransportProblem& problem,
                     const DriftDesign& design, double target_error) {
  constexpr double kNear = 0.1, kSlow = 0.3;  // an error at most, a reach at least: the reference
  // Squared distances over epsilon, which shapes are fitted by, say little below the first; of more
  // points or dimensions the fit, which need not be that good, takes longer than the training.
  constexpr double kNarrow = 1e-8;
  constexpr Index kMostPoints = 100000, kMostDimensions = 100;
  if (settings.start != "auto") return settings.start;
  const double step = reach(design);
  if (target_error <= kNear || step >= kSlow) return "reference";
  const auto many = [](const Measure& law) {
    const auto* const cloud = law.as<WeightedPoints>();
    return cloud != nullptr && cloud->size() > kMostPoints;
  };
  const bool fits = step >= kNarrow && problem.dimension() <= kMostDimensions &&
                    !many(problem.source()) && !many(problem.target());
  return fits ? "mixture" : "gaussian";
}

// Of the bridge of the entropic coupling; none where the run was told to stop.
BatchDrift entropic_drift(const TransportProblem& problem, Index samples, Run& run) {
  const auto start = entropic_start(problem, samples, run);
  if (!start) return {};
  const WeightedPoints target = start->ends.target;
  const auto end = std::make_shared<const TiltedCloud>(
      target.points(), target.weights(), start->potentials.g,
      problem.reference().endpoint_variance(), LocalPrecision::mixed);
  // The cloud refers to the target's points, which live as long as a copy of it.
  return [reference = problem.reference(), target, end](double t, ConstPoints x) {
    return cloud_drift(reference, end, t, x, Direction::forward);
  };
}

// Of the mixture bridge, likewise.
BatchDrift fitted_drift(const TransportProblem& problem, Index samples, Run& run) {
  const auto potential = mixture_start(problem, samples, run);
  if (!potential) return {};
  return [reference = problem.reference(), potential = *potential](double t, ConstPoints x) {
    return mixture_drift(reference, potential, t, x);
  };
}

// F^0 where that is not the reference; none where the run was told to stop.
BatchDrift first_drift(const std::string& start, const TransportProblem& problem, Index samples,
                       const DriftDesign& design, Run& run) {
  if (start == "sinkhorn") return entropic_drift(problem, samples, run);
  if (start == "mixture") return fitted_drift(problem, samples, run);
  run.report().notes.emplace_back(
      "the first chain is the bridge of Gaussian laws of the means and variances");
  return [&design](double t, ConstPoints x) { return gaussian_bridge_drift(design, t, x); };
}

}  // namespace

// De Bortoli et al. 2021, Algorithm 1: B^n reverses the chain of F^{n-1} started at the source,
// then F^n reverses the chain of B^n started at the target. F^0 is the reference, or any process
// that differs from it by functions of its two ends alone: the fixed point is the same.
Solution solve_dsb(const TransportProblem& problem, const DsbSettings& settings,
                   const SolveContext& context) {
  check_settings(settings);
  // The backward network alone.
  const bool score_based =
      settings.iterations == 1 && (settings.start == "auto" || settings.start == "reference");
  Run run("dsb", problem, context);
  DriftAlternation networks(
      run, problem,
      alternation_settings(settings, score_based ? 1 : 2 * settings.iterations,
                           BaseDrift::reversal));
  // Nothing has been fitted: that of the reference.
  const double target_error = run.report().marginal_error_target.value_or(0.0);
  const std::string start =
      score_based ? "reference" : start_of(settings, problem, networks.design(), target_error);
  BatchDrift first;
  if (networks.fits_behind() < 1 && start != "reference") {
    first = first_drift(start, problem, settings.samples, networks.design(), run);
    if (!first) return networks.finish();
  }
  const auto reverse = [&](Index n, Direction direction) {
    const Direction chain = opposite(direction);
    const Measure& law = problem.start(chain);
    if (n == 1 && chain == Direction::forward && first) {
      return networks.fit({n, direction}, ReversalPairs(law, networks.design(), chain, first));
    }
    return networks.fit({n, direction}, ReversalPairs(law, networks.network(chain)));
  };
  for (Index n = 1; n <= settings.iterations; ++n) {
    if (!reverse(n, Direction::backward)) break;
    if (score_based) break;
    if (!reverse(n, Direction::forward)) break;
  }
  return networks.finish();
}

std::unique_ptr<const TransportPlan> restore_dsb(const TransportProblem& problem,
                                                 const PlanState& state) {
  return restore_drift_plan(problem, state);
}

}  // namespace otbridge
