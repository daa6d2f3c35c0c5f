#include "mixture/bridge_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "mixture/fit.hpp"
#include "mixture/merging.hpp"
#include "mixture/online_fit.hpp"
#include "mixture/refinement.hpp"
#include "mixture/selection.hpp"
#include "mixture/shares.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

constexpr Index kBetweenLooks = 10;     // iterations between two at draws that are kept aside
constexpr double kDwarfed = 0.01;       // part of what fresh draws bring: beside it a fall is none
constexpr std::uint64_t kFresh = 1000;  // of the stream: others are the selection's
constexpr Index kJudged = 8;            // of so many batches that are learnt from one more judges

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

// Whether shapes explain draws worse than others do, beyond chance; by batch, how much worse, nats
// per draw. The losses of two fits differ by draws of one law and of the other, whose scatter does
// not cancel: 10000 draws alone would not tell good shapes from bad ones.
bool is_worse(const std::vector<double>& rises) {
  constexpr double kChance = 2.0;  // standard errors
  const auto n = static_cast<double>(rises.size());
  double mean = 0.0, squares = 0.0;
  for (const double rise : rises) mean += rise / n;
  for (const double rise : rises) squares += (rise - mean) * (rise - mean);
  const double scatter = rises.size() > 1 ? std::sqrt(squares / (n - 1.0) / n) : 0.0;
  return !(mean <= kChance * scatter);  // what is no number is worse
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

BridgeFit fit_bridge(const TransportProblem& problem, const WeightedPoints& source,
                     const WeightedPoints& target, const BridgeFitSettings& settings,
                     const RandomStream& stream, const BridgeFitWatch& watch) {
  if (settings.full) check_covariances(problem.dimension());
  const double s = std::sqrt(problem.reference().endpoint_variance());
  const CentredSide near = side_of(source, problem.reference().endpoint_decay(), s);
  const CentredSide far = side_of(target, 1.0, s);

  Index before = 0;  // iterations of the fits before this one
  Index limit = settings.iterations;
  MixtureControl control{
      .components = settings.components,
      .full = settings.full,
      .iterations = settings.iterations,
      .tolerance = settings.tolerance,
      .proceed = [&](Index iteration,
                     double loss) { return watch.proceed(before + iteration, limit, loss); },
      .stopped = watch.stopped};
  const FreshDraws fresh(problem, near.mean, far.mean, s, stream.fork(kFresh));
  const Index batches =
      settings.refinement > 1
          ? std::min(fresh.batches(settings.samples, settings.refinement), settings.iterations)
          : 0;
  const double clouds = std::min(near.side.size(), far.side.size());
  // That the fit is made of in the end.
  const double points = batches > 0 ? static_cast<double>(batches * settings.samples) : clouds;
  MixtureControl trial = control;
  trial.proceed = {};  // trials leave no records
  MixtureChoice choice = choose_mixture(near.side, far.side, trial, points, stream);
  control.components = choice.components;
  control.shrinkage = choice.shrinkage / clouds;
  const auto draw = [&](Index batch) { return fresh.draw(settings.samples, batch, watch.stopped); };

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
    if (!aside || watch.stopped()) break;
    // Fewer shapes, as soon as draws kept aside allow; a number that was asked for stays.
    const std::size_t count = fit.shapes.size();
    if (settings.components == 0) {
      fit.shapes = merge_alike(data, *aside, points, control, std::move(fit.shapes));
    }
    const bool fewer = fit.shapes.size() < count;
    if (fewer) fit.loss = mixture_loss(data, fit.shapes);
    const double loss = mixture_loss(*aside, fit.shapes);
    // Fresh draws will close about the gap between what is learnt from and what is not.
    const double fall = std::max(settings.tolerance * static_cast<double>(kBetweenLooks),
                                 kDwarfed * (loss - fit.loss));
    done = !fewer && (done || !(loss < least - fall));
    least = loss;
  }

  BridgeFit found;
  if (aside && !watch.stopped()) {
    limit = before + batches;
    MixtureFit online = fit_online(
        {control.full, batches, settings.tolerance, choice.shrinkage, draw, control.proceed},
        fit.shapes);
    before += online.iterations;
    // Where shapes hardly meet, steps that no loss holds back may lose them. That is for draws to
    // say of which neither fit knows; for those kept aside where there is no more time.
    std::vector<double> rises;
    const auto judge = [&](const MixtureData& draws) {
      rises.push_back(mixture_loss(draws, online.shapes) - mixture_loss(draws, fit.shapes));
    };
    for (Index k = 0; k < std::max<Index>(2, batches / kJudged); ++k) {
      const auto unseen = draw(batches + 1 + k);
      if (!unseen) break;
      judge(*unseen);
    }
    if (rises.empty()) judge(*aside);
    if (online.iterations > 0 && !is_worse(rises)) {
      found.fresh_draws = online.iterations * settings.samples;
      done &= online.converged;
      fit = std::move(online);
    }
  }
  if (!std::isfinite(fit.loss)) throw InvalidInput("potentials over s^2", "overflow");
  found.shapes = in_units_of_points(std::move(fit.shapes), near.mean - far.mean, s);
  found.center = far.mean;
  found.loss = fit.loss;
  found.began_with = control.components;
  found.iterations = before;
  found.converged = done;
  return found;
}

}  // namespace otbridge
