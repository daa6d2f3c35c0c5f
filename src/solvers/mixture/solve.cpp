#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "measure/sliced_distance.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/solvers/mixture.hpp"
#include "solve/run.hpp"
#include "solvers/mixture/fit.hpp"
#include "solvers/mixture/plan.hpp"

namespace otbridge {
namespace {

// The numbers of shapes that are tried, until draws kept aside are explained no better.
constexpr std::array<Index, 6> kCounts{1, 3, 6, 12, 24, 48};
constexpr Index kTrial = 5000;            // points of a side in a trial, at most
constexpr Index kTrialIterations = 40;    // of each
constexpr double kTrialTolerance = 1e-4;  // nats
// Fall of the loss on points kept aside that is none, in nats, times their number: log likelihoods
// scatter by about as much as there are parameters more.
constexpr double kBetter = 4.0;
constexpr Index kPatience = 2;   // numbers in a row that explain no more
constexpr Index kKeptAside = 5;  // one point in so many
constexpr Index kDirections = 64;
constexpr double kRounding = 0x1p-50;  // of a loss, relatively
constexpr Index kFewest = 2;           // points of half a target
// Sliced W2 of the plan's target from the target, over that of two halves of the target: above, the
// shapes are too few.
constexpr double kMisfit = 2.0;

// Rows of positive weight about their mean, carried by the reference and in units of s.
struct Side {
  Points points;
  Vector weights;
  Eigen::RowVectorXd mean;
};
Side side_of(const WeightedPoints& cloud, double decay, double s) {
  const std::vector<Index> rows = cloud.support();
  Side side{decay * cloud.points()(rows, Eigen::all), cloud.weights()(rows), {}};
  side.mean = side.weights.transpose() * side.points;
  side.points = (side.points.rowwise() - side.mean) / s;
  if (!std::isfinite(side.points.squaredNorm())) {
    throw InvalidInput("coordinates of up to " + number_text(side.points.cwiseAbs().maxCoeff()) +
                           " s about their mean, s = " + number_text(s),
                       "squared distances overflow; rescale the clouds");
  }
  return side;
}

Side part(const Side& side, const std::vector<Index>& order, Index begin, Index end) {
  const std::vector<Index> rows(order.begin() + begin, order.begin() + end);
  Vector weights = side.weights(rows);
  weights /= weights.sum();
  return {side.points(rows, Eigen::all), std::move(weights), side.mean};
}

// The number of shapes from which on more explain points kept aside no better.
Index components_of(const Side& near, const Side& far, const MixtureControl& control,
                    const RandomStream& stream) {
  const auto halves = [&](const Side& side, std::uint64_t tag) {
    const std::vector<Index> order = permutation(side.points.rows(), stream.fork(tag));
    const Index all = std::min(kTrial, side.points.rows()), aside = all / kKeptAside;
    return std::array{part(side, order, aside, all), part(side, order, 0, aside)};
  };
  if (std::min(near.points.rows(), far.points.rows()) < 2 * kKeptAside) return 1;
  const auto [near_seen, near_aside] = halves(near, 0);
  const auto [far_seen, far_aside] = halves(far, 1);
  const MixtureData seen{near_seen.points, far_seen.points, near_seen.weights, far_seen.weights};
  const MixtureData aside{near_aside.points, far_aside.points, near_aside.weights,
                          far_aside.weights};
  MixtureControl trial = control;
  trial.iterations = kTrialIterations;
  trial.tolerance = kTrialTolerance;
  const double better =
      kBetter / static_cast<double>(std::min(near_aside.points.rows(), far_aside.points.rows()));
  Index best = 1, worse = 0;
  double least = std::numeric_limits<double>::infinity();
  for (const Index count : kCounts) {
    if (count > far_seen.points.rows()) break;
    trial.components = count;
    const double loss = mixture_loss(aside, fit_mixture(seen, trial, stream.fork(2)).shapes);
    if (loss < least - better) {
      least = loss;
      best = count;
      worse = 0;
    } else if (++worse == kPatience) {
      break;
    }
    if (control.stopped()) break;
  }
  return best;
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
  const Side all{target.points()(rows, Eigen::all), target.weights()(rows), {}};
  const std::vector<Index> order = permutation(2 * half, stream.fork(2));
  const auto cloud = [&](Index begin, Index end) {
    Side side = part(all, order, begin, end);
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
          {"iterations", "limit on iterations", &s.iterations, {.low = 1, .high = 1e9}},
          {"samples",
           "draws that stand for a law that is not a cloud",
           &s.samples,
           {.low = 1, .high = 1e8}}};
}

Solution solve_mixture(const TransportProblem& problem, const MixtureSettings& settings,
                       const SolveContext& context) {
  check_settings(settings);
  Run run("mixture", problem, context);
  SolveReport& report = run.report();
  const auto ends = discrete_ends(problem, settings.samples, context, report);
  const double s = std::sqrt(problem.reference().endpoint_variance());
  const Side near = side_of(ends.source, problem.reference().endpoint_decay(), s);
  const Side far = side_of(ends.target, 1.0, s);

  MixtureControl control{.components = settings.components,
                         .full = settings.covariance == "full",
                         .iterations = settings.iterations,
                         .tolerance = settings.tolerance,
                         .proceed =
                             [&](Index iteration, double loss) {
                               Progress progress;
                               progress.phase = "fit";
                               progress.iteration = iteration;
                               progress.iteration_limit = settings.iterations;
                               progress.loss = loss;
                               progress.fraction = static_cast<double>(iteration) /
                                                   static_cast<double>(settings.iterations);
                               run.record(progress);
                               return !run.must_stop();
                             },
                         .stopped = [&] { return run.must_stop(); }};
  const RandomStream stream(context.seed, Purpose::training);
  if (control.components == 0) {
    MixtureControl trial = control;
    trial.proceed = {};  // trials leave no records
    control.components = components_of(near, far, trial, stream);
  }
  MixtureFit fit =
      fit_mixture({near.points, far.points, near.weights, far.weights}, control, stream);
  report.iterations = fit.iterations;
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
  StopReason reason = fit.converged ? StopReason::converged : StopReason::iteration_limit;
  // A loss whose rounding hides what the tolerance asks for falls no more, wherever it stands.
  if (std::abs(fit.loss) * kRounding > settings.tolerance) reason = StopReason::rounding_limit;
  return run.finish(std::move(plan), run.asked_to_stop().value_or(reason));
}

}  // namespace otbridge
