#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "measure/sliced_distance.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solvers/mixture.hpp"
#include "solve/run.hpp"
#include "solvers/mixture/fit.hpp"
#include "solvers/mixture/online_fit.hpp"
#include "solvers/mixture/plan.hpp"
#include "solvers/mixture/refinement.hpp"
#include "solvers/mixture/selection.hpp"

namespace otbridge {
namespace {

constexpr Index kDirections = 64;
constexpr double kRounding = 0x1p-50;  // of a loss, relatively
constexpr Index kFewest = 2;           // points of half a target
// Sliced W2 of the plan's target from the target, over that of two halves of the target: above, the
// shapes are too few.
constexpr double kMisfit = 2.0;
constexpr Index kBetweenLooks = 10;     // iterations between two at draws that are kept aside
constexpr double kDwarfed = 0.01;       // part of what fresh draws bring: beside it a fall is none
constexpr std::uint64_t kFresh = 1000;  // of the stream of training: others are the selection's

// Rows of positive weight, carried by the reference, about their mean and in units of s.
struct CentredSide {
  MixtureSide side;
  Eigen::RowVectorXd mean;
};
CentredSide side_of(const WeightedPoints& cloud, double decay, double s) {
  const std::vector<Index> rows = cloud.support();
  CentredSide found{{decay * cloud.points()(rows, Eigen::all), cloud.weights()(rows)}, {}};
  auto& [points, weights] = found.side;
  found.mean = weights.transpose() * points;
  points = (points.rowwise() - found.mean) / s;
  if (!std::isfinite(points.squaredNorm())) {
    throw InvalidInput("coordinates of up to " + number_text(points.cwiseAbs().maxCoeff()) +
                           " s about their mean, s = " + number_text(s),
                       "squared distances overflow; rescale the clouds");
  }
  return found;
}

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

// From about the means and in units of s to about the center of the target, in those of the points:
// the kernel at a mean apart by delta tilts phi by exp(<z, delta> / s^2).
std::vector<PotentialShape> in_units_of_points(std::vector<PotentialShape> shapes,
                                               const Eigen::RowVectorXd& apart, double s) {
  for (PotentialShape& shape : shapes) {
    shape.linear = shape.linear / s - apart.transpose() / s / s;
    shape.precision = shape.precision / s / s;
  }
  return shapes;
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
  SolveReport& report = run.report();
  const auto ends = discrete_ends(problem, settings.samples, context, report);
  const double s = std::sqrt(problem.reference().endpoint_variance());
  const CentredSide near = side_of(ends.source, problem.reference().endpoint_decay(), s);
  const CentredSide far = side_of(ends.target, 1.0, s);

  Index before = 0;  // iterations of the fits before this one
  Index limit = settings.iterations;
  MixtureControl control{.components = settings.components,
                         .full = settings.covariance == "full",
                         .iterations = settings.iterations,
                         .tolerance = settings.tolerance,
                         .proceed =
                             [&](Index iteration, double loss) {
                               Progress progress;
                               progress.phase = "fit";
                               progress.iteration = before + iteration;
                               progress.iteration_limit = limit;
                               progress.loss = loss;
                               progress.fraction = static_cast<double>(before + iteration) /
                                                   static_cast<double>(limit);
                               run.record(progress);
                               return !run.must_stop();
                             },
                         .stopped = [&] { return run.must_stop(); }};
  const RandomStream stream(context.seed, Purpose::training);
  const FreshDraws fresh(problem, near.mean, far.mean, s, stream.fork(kFresh));
  const Index batches =
      settings.refinement > 1
          ? std::min(fresh.batches(settings.samples, settings.refinement), settings.iterations)
          : 0;
  MixtureControl trial = control;
  trial.proceed = {};  // trials leave no records
  MixtureChoice choice =
      choose_mixture(near.side, far.side, trial,
                     static_cast<double>(std::max<Index>(1, batches) * settings.samples), stream);
  control.components = choice.components;
  control.shrinkage = choice.shrinkage / std::min(near.side.size(), far.side.size());
  const auto draw = [&](Index batch) {
    return fresh.draw(settings.samples, batch, control.stopped);
  };
  // First to the clouds; where there are fresh draws, while that brings the shapes nearer to draws
  // that are not learnt from.
  const MixtureData data{near.side.points, far.side.points, near.side.weights, far.side.weights};
  const auto aside = batches > 0 ? draw(batches) : std::nullopt;
  const Index clouds_limit = settings.iterations - batches;
  MixtureFit fit;
  fit.shapes = std::move(choice.shapes);
  if (!fit.shapes.empty()) fit.loss = mixture_loss(data, fit.shapes);
  bool done = false;
  double least = std::numeric_limits<double>::infinity();
  while (!done && (before < clouds_limit || fit.shapes.empty())) {
    control.iterations = std::max<Index>(1, clouds_limit - before);
    if (aside) control.iterations = std::min(control.iterations, kBetweenLooks);
    fit = fit.shapes.empty() ? fit_mixture(data, control, stream)
                             : fit_mixture(data, control, std::move(fit.shapes));
    before += fit.iterations;
    done = fit.converged;
    if (!aside || run.must_stop()) break;
    const double loss = mixture_loss(*aside, fit.shapes);
    // Fresh draws will close about the gap between what is learnt from and what is not.
    const double fall = std::max(settings.tolerance * static_cast<double>(kBetweenLooks),
                                 kDwarfed * (loss - fit.loss));
    done |= !(loss < least - fall);
    least = loss;
  }
  if (aside && !run.must_stop()) {
    limit = before + batches;
    MixtureFit found = fit_online(
        {control.full, batches, settings.tolerance, choice.shrinkage, draw, control.proceed},
        fit.shapes);
    before += found.iterations;
    // Where shapes hardly meet, steps that no loss holds back may lose them.
    if (found.iterations > 0 &&
        mixture_loss(*aside, found.shapes) <= mixture_loss(*aside, fit.shapes)) {
      report.notes.push_back("fitted to " + std::to_string(found.iterations * settings.samples) +
                             " fresh draws of each law");
      done &= found.converged;
      fit = std::move(found);
    }
  }
  report.iterations = before;
  if (!std::isfinite(fit.loss)) throw InvalidInput("potentials over s^2", "overflow");
  // Shapes that came to explain nothing were left out on the way.
  const auto left = static_cast<Index>(fit.shapes.size());
  const std::string began =
      left < control.components ? " of " + std::to_string(control.components) : "";
  report.notes.push_back(std::to_string(left) + began + " " + settings.covariance +
                         " components, loss " + number_text(fit.loss) + " nats");

  auto plan = std::make_unique<const MixturePlan>(
      problem, CloudSide{ends.source.points(), ends.source.weights(), {}}, far.mean,
      in_units_of_points(std::move(fit.shapes), near.mean - far.mean, s));
  if (!run.asked_to_stop()) review(*plan, ends.source, ends.target, context, report);
  StopReason reason = done ? StopReason::converged : StopReason::iteration_limit;
  // A loss whose rounding hides what the tolerance asks for falls no more, wherever it stands.
  if (std::abs(fit.loss) * kRounding > settings.tolerance) reason = StopReason::rounding_limit;
  return run.finish(std::move(plan), run.asked_to_stop().value_or(reason));
}

}  // namespace otbridge
