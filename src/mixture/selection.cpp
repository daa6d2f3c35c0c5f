#include "mixture/selection.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace otbridge {
namespace {

// The numbers of shapes that are tried, until points kept aside are explained no better.
constexpr std::array<Index, 6> kCounts{1, 3, 6, 12, 24, 48};
// Points with the mean variance that every share is given.
constexpr std::array kShrinkages{30000.0, 10000.0, 3000.0, 1000.0, 300.0, 100.0, 30.0, 0.0};
constexpr Index kTrial = 5000;            // points of a side in a trial, at most
constexpr Index kTrialIterations = 15;    // of each
constexpr double kTrialTolerance = 4e-3;  // nats
// Fall of the loss on points kept aside that is none, in nats, times their number: log likelihoods
// scatter by about as much as there are parameters more.
constexpr double kBetter = 4.0;
constexpr Index kPatience = 2;   // numbers in a row that explain no more
constexpr Index kKeptAside = 5;  // one point in so many
// How well the part of a gap that more points close is known: of it.
constexpr double kUnsure = 0.04;
constexpr Index kFewest = 2;  // points of a shape of full covariance, over the dimension

struct Trials {
  MixtureData seen, aside;
  MixtureControl control;
  double size;    // of what is seen
  double points;  // that the fit after the trials will have

  struct Result {
    double loss = std::numeric_limits<double>::infinity();  // on the points kept aside
    double expected = loss;  // from a fit to as many points as there will be
    double unsure = 0.0;     // how far off that may be
    std::size_t step = kShrinkages.size() - 1;
    std::vector<PotentialShape> shapes;
  };
  // From the first step of kShrinkages on as long as that helps: each fit begins where the one
  // before has come to.
  Result best(Index components, std::size_t first, const RandomStream& stream);
};

Trials::Result Trials::best(Index components, std::size_t first, const RandomStream& stream) {
  Result best;
  std::vector<PotentialShape> shapes;
  control.components = components;
  // A lone one is not shrunk.
  for (std::size_t step = components == 1 ? best.step : first; step < kShrinkages.size(); ++step) {
    control.shrinkage = kShrinkages[step] / size;
    shapes = (shapes.empty() ? fit_mixture(seen, control, stream)
                             : fit_mixture(seen, control, std::move(shapes)))
                 .shapes;
    const double loss = mixture_loss(aside, shapes);
    if (!(loss < best.loss)) break;
    const double gap = loss - mixture_loss(seen, shapes);
    const double closed = closed_gap(size, points) * gap;
    best = {loss, loss - closed, kUnsure * closed, step, shapes};
    if (control.stopped && control.stopped()) break;
  }
  return best;
}

}  // namespace

MixtureSide part_of(const MixtureSide& side, const std::vector<Index>& order, Index begin,
                    Index end) {
  const std::vector<Index> rows(order.begin() + begin, order.begin() + end);
  MixtureSide part{side.points(rows, Eigen::all), side.weights(rows)};
  part.weights /= part.weights.sum();
  return part;
}

MixtureChoice choose_mixture(const MixtureSide& near, const MixtureSide& far,
                             const MixtureControl& control, double points,
                             const RandomStream& stream) {
  MixtureChoice choice{std::max<Index>(1, control.components), 0.0, {}};
  if (control.components == 1) return choice;
  if (std::min(near.points.rows(), far.points.rows()) < 2 * kKeptAside) return choice;
  const auto halves = [&](const MixtureSide& side, std::uint64_t tag) {
    const std::vector<Index> order = permutation(side.points.rows(), stream.fork(tag));
    const Index all = std::min(kTrial, side.points.rows()), aside = all / kKeptAside;
    return std::array{part_of(side, order, aside, all), part_of(side, order, 0, aside)};
  };
  const auto [near_seen, near_aside] = halves(near, 0);
  const auto [far_seen, far_aside] = halves(far, 1);
  Trials trials{{near_seen.points, far_seen.points, near_seen.weights, far_seen.weights},
                {near_aside.points, far_aside.points, near_aside.weights, far_aside.weights},
                control,
                std::min(near_seen.size(), far_seen.size()),
                points};
  trials.control.iterations = kTrialIterations;
  trials.control.tolerance = kTrialTolerance;
  const bool asked = control.components > 0;
  std::vector<Index> counts(kCounts.begin(), kCounts.end());
  if (asked) counts = {control.components};
  const double better =
      kBetter / static_cast<double>(std::min(near_aside.points.rows(), far_aside.points.rows()));
  // More points bear more shapes; that one is not enough has to be seen.
  const double further = better * trials.size / std::max(trials.size, points);
  double least = std::numeric_limits<double>::infinity(), margin = 0.0;
  const Index fewest = control.full && !asked ? kFewest * far_seen.points.cols() : 1;
  const double all_points = std::min(near.size(), far.size());
  std::size_t first = 0;
  Index worse = 0;
  for (const Index count : counts) {
    if (count > 1 && count * fewest > far_seen.points.rows()) break;
    Trials::Result trial = trials.best(count, first, stream.fork(2));
    // The best of more shapes is rarely far from that of fewer.
    if (count > 1 && trial.step > 0) first = trial.step - 1;
    const bool best = trial.expected < least - (choice.components == 1 ? better : further);
    if (best) {
      least = trial.expected;
      margin = trial.unsure;
      worse = 0;
    }
    // The next larger one too, where it may be as good and what is too many is united later, which
    // takes fresh draws.
    const bool unites =
        points > all_points && !underdetermined(count, far.points.cols(), control.full, all_points);
    if (best || (unites && worse == 0 && trial.expected < least + margin)) {
      choice = {count, kShrinkages[trial.step], std::move(trial.shapes)};
    }
    if (!best && ++worse == kPatience) {
      break;
    }
    if (control.stopped && control.stopped()) break;
  }
  return choice;
}

}  // namespace otbridge
