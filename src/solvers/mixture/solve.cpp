#include <cmath>
#include <string>

#include "measure/sliced_distance.hpp"
#include "mixture/bridge_fit.hpp"
#include "mixture/selection.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solvers/mixture.hpp"
#include "solve/run.hpp"
#include "solvers/mixture/plan.hpp"

namespace otbridge {
namespace {

constexpr Index kDirections = 64;
constexpr double kRounding = 0x1p-50;  // of a loss, relatively
constexpr Index kFewest = 2;           // points of half a target
// Sliced W2 of the plan's target from the target, over that of two halves of the target: above, the
// shapes are too few.
constexpr double kMisfit = 2.0;

// Where the plan leads the source, against the target, says whether the shapes are enough. Draws as
// many as half the target has points, so that both distances scatter alike.
void review(const MixturePlan& plan, const WeightedPoints& source, const WeightedPoints& target,
            const SolveContext& context, SolveReport& report) {
  const std::vector<Index> rows = target.support();
  const Index half = static_cast<Index>(rows.size()) / 2;
  if (half < kFewest) return;
  const RandomStream stream(context.seed, Purpose::metrics);
  const Points moved =
      plan.sample(source.sample(half, stream.fork(0)), Direction::forward, stream.fork(1));
  const MixtureSide all{target.points()(rows, Eigen::all), target.weights()(rows)};
  const std::vector<Index> order = permutation(2 * half, stream.fork(2));
  const auto cloud = [&](Index begin, Index end) {
    MixtureSide side = part_of(all, order, begin, end);
    return WeightedPoints(std::move(side.points), side.weights);
  };
  const WeightedPoints first = cloud(0, half), second = cloud(half, 2 * half);
  const double misfit =
      sliced_squared_distance(WeightedPoints(moved), first, kDirections, stream.fork(3));
  const double noise = sliced_squared_distance(first, second, kDirections, stream.fork(3));
  if (misfit <= kMisfit * kMisfit * noise) return;
  report.notes.push_back("the plan's target is " + number_text(std::sqrt(misfit)) +
                         " from the target (sliced W2; two halves of it are " +
                         number_text(std::sqrt(noise)) +
                         " apart): more components, or a larger epsilon, fit better");
}

}  // namespace

std::vector<SettingField> describe(MixtureSettings& s) {
  return {{"components",
           "Gaussian shapes of the potential; 0: as many as points kept aside ask for",
           &s.components,
           {.low = 0, .high = 10000}},
          {"covariance", "of a shape", &s.covariance, {}, {"full", "diagonal"}},
          {"tolerance",
           "fall of the loss per iteration, in nats, that is none",
           &s.tolerance,
           {.low = 0.0, .low_open = true}},
          {"iterations",
           "limit on iterations, batches among them",
           &s.iterations,
           {.low = 1, .high = 1e9}},
          {"samples",
           "draws that stand for a law that is not a cloud",
           &s.samples,
           {.low = 1, .high = 1e8}},
          {"refinement",
           "times as many fresh draws that such laws are fitted to; 1: none",
           &s.refinement,
           {.low = 1, .high = 10000}}};
}

Solution solve_mixture(const TransportProblem& problem, const MixtureSettings& settings,
                       const SolveContext& context) {
  check_settings(settings);
  Run run("mixture", problem, context);
  run.use_kernels();
  SolveReport& report = run.report();
  const auto ends = discrete_ends(problem, settings.samples, context, report);
  const auto proceed = [&](Index iteration, Index limit, double loss) {
    Progress progress;
    progress.phase = "fit";
    progress.iteration = iteration;
    progress.iteration_limit = limit;
    progress.loss = loss;
    progress.fraction = static_cast<double>(iteration) / static_cast<double>(limit);
    run.record(progress);
    return !run.must_stop();
  };
  BridgeFit fit = fit_bridge(problem, ends.source, ends.target,
                             {.components = settings.components,
                              .full = settings.covariance == "full",
                              .tolerance = settings.tolerance,
                              .iterations = settings.iterations,
                              .samples = settings.samples,
                              .refinement = settings.refinement},
                             RandomStream(context.seed, Purpose::training),
                             {proceed, [&] { return run.must_stop(); }});
  report.iterations = fit.iterations;
  if (fit.fresh_draws > 0) {
    report.notes.push_back("fitted to " + std::to_string(fit.fresh_draws) +
                           " fresh draws of each law");
  }
  const auto left = static_cast<Index>(fit.shapes.size());
  const std::string began = left < fit.began_with ? " of " + std::to_string(fit.began_with) : "";
  report.notes.push_back(std::to_string(left) + began + " " + settings.covariance +
                         " components, loss " + number_text(fit.loss) + " nats");

  auto plan = std::make_unique<const MixturePlan>(
      problem, CloudSide{ends.source.points(), ends.source.weights(), {}}, fit.center,
      std::move(fit.shapes));
  if (!run.asked_to_stop()) review(*plan, ends.source, ends.target, context, report);
  StopReason reason = fit.converged ? StopReason::converged : StopReason::iteration_limit;
  // A loss whose rounding hides what the tolerance asks for falls no more, wherever it stands.
  if (std::abs(fit.loss) * kRounding > settings.tolerance) reason = StopReason::rounding_limit;
  return run.finish(std::move(plan), run.asked_to_stop().value_or(reason));
}

}  // namespace otbridge
