#include "mixture/online_fit.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "mixture/shares.hpp"
#include "mixture/terms.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr double kGain = 0.25;        // part of a batch in the running means, at most
constexpr Index kEarly = 4;           // the first of so many batches is not in the answer
constexpr double kLongestStep = 1.0;  // change of a log weight for a batch
constexpr double kMassless = 1e-9;    // mass of a shape that is left out
constexpr double kScatter = 2.0;      // standard errors of a fall that may be none

using Shapes = std::vector<PotentialShape>;

// Running means of a gain scatter like the mean of so many batches; and the other way round.
double batches_of(double gain) { return (2.0 - gain) / gain; }
double gain_of(double batches) { return 2.0 / (1.0 + batches); }

// The shares that the shapes have of draws, which say what the shapes are to be.
struct Shared {
  std::vector<ShareMoments> near, far;

  // This becomes (1 - part) of itself and part of another.
  void mix(const Shared& other, double part) {
    for (std::size_t k = 0; k < near.size(); ++k) {
      near[k] = mixed(near[k], other.near[k], part);
      far[k] = mixed(far[k], other.far[k], part);
    }
  }
};

// Of each shape the mean log term over its near share. Weights are told by it, which does not
// change with the shapes but for terms of second order.
Vector levels(const Shapes& shapes, const std::vector<ShareMoments>& near) {
  Vector level(static_cast<Index>(shapes.size()));
  std::ranges::transform(shapes, near, level.begin(), mean_log_term);
  return level;
}

Vector masses_of(const std::vector<ShareMoments>& shares) {
  Vector masses(static_cast<Index>(shares.size()));
  std::ranges::transform(shares, masses.begin(), &ShareMoments::mass);
  return masses;
}

// The Gaussian bridges of the shares, at the weights that give every shape its level. A shape
// without a share stays.
Shapes bridged(const Shared& shared, const Vector& level, Shapes shapes, double prior_mass,
               double narrowest) {
  const SharePrior prior{prior_mass, mean_variance(shared.near), mean_variance(shared.far)};
  parallel_for(static_cast<Index>(shapes.size()), 1, [&](Index k, Index, Index) {
    const auto slot = to_size(k);
    const ShareMoments &near = shared.near[slot], &far = shared.far[slot];
    if (!(near.mass > 0.0 && far.mass > 0.0)) return;
    shapes[slot] = gaussian_share(near, far, prior, narrowest);
    shapes[slot].log_weight = level[k] - mean_log_term(shapes[slot], near);
  });
  return shapes;
}

// A part of the Newton step after which the plan would give every shape its mass (the balance of
// fit.cpp).
Vector weight_step(const Matrix& near_shares, const Vector& weights, const Vector& reached,
                   const Vector& masses) {
  Matrix hessian = -shared_masses(near_shares, weights);
  // Damped: it is singular along the constants, and nearly so where shapes hardly meet.
  hessian.diagonal() += reached + 1e-3 * masses + Vector::Constant(masses.size(), 1e-14);
  const Vector step = kGain * hessian.ldlt().solve(masses - reached);
  const double most = step.cwiseAbs().maxCoeff();
  return most > kLongestStep ? Vector(kLongestStep / most * step) : step;
}

// Whether the mean of the last quarter is below that of the one before by more than chance.
bool falls(std::span<const double> losses, double tolerance) {
  const std::size_t quarter = losses.size() / 4;
  if (quarter < 2) return true;
  const auto mean = [&](std::span<const double> part) {
    return std::reduce(part.begin(), part.end()) / static_cast<double>(quarter);
  };
  const auto before = losses.subspan(losses.size() - 2 * quarter, quarter);
  const auto last = losses.last(quarter);
  double squares = 0.0;
  for (const auto part : {before, last}) {
    for (const double loss : part) squares += (loss - mean(part)) * (loss - mean(part));
  }
  const double n = static_cast<double>(quarter);
  const double scatter = std::sqrt(squares / (n - 1.0) / n);  // of the difference of the means
  return mean(before) - mean(last) > tolerance * n + kScatter * scatter;
}

}  // namespace

MixtureFit fit_online(const OnlineControl& control, Shapes shapes) {
  Shared running, later;
  Vector later_level;
  double draws = 0.0, narrowest = 0.0;  // of a batch; of a share
  double needed = 0.0, gain = kGain;    // batches in the running means
  std::vector<double> losses;
  MixtureFit fit;
  Index kept = 0;
  bool moved = false;
  for (Index t = 0; t < control.batches; ++t) {
    if (control.proceed && !control.proceed(t, losses.empty() ? 0.0 : losses.back())) break;
    const auto data = control.draw(t);
    if (!data) break;
    // Every draw is shared among the shapes, as in fit.cpp.
    Matrix near = log_terms(data->near, shapes, BridgeSide::near);
    Matrix far = log_terms(data->far, shapes, BridgeSide::far);
    losses.push_back(normalise_rows(near).dot(data->near_weights) -
                     normalise_rows(far).dot(data->far_weights));
    Shared batch{moments_of_shares(data->near, data->near_weights, near, control.full),
                 moments_of_shares(data->far, data->far_weights, far, control.full)};
    if (t == 0) {
      draws = static_cast<double>(data->near.rows());
      narrowest = narrowest_share(*data);
      // A covariance of N draws explains them better than others, by d^2 / (2 N) nats. Where that
      // is much, the shape with the most draws takes those of the others, until it has all: so
      // there are d^2 for each.
      const auto d = static_cast<double>(data->near.cols());
      if (control.full) needed = static_cast<double>(shapes.size()) * d * d / draws;
      gain = std::min(kGain, gain_of(needed));
      running = batch;
    } else {
      running.mix(batch, std::max(gain, std::min(kGain, 1.0 / static_cast<double>(t + 1))));
    }
    const Vector level =
        levels(shapes, running.near) +
        weight_step(near, data->near_weights, masses_of(batch.near), masses_of(batch.far));
    if (kEarly * t >= control.batches) {
      ++kept;
      if (kept == 1) {
        later = batch;
        later_level = level;
      }
      later.mix(batch, 1.0 / static_cast<double>(kept));
      later_level += (level - later_level) / static_cast<double>(kept);
    }
    // Until there are as many the shapes stay as they came, but no longer than is left out.
    if (static_cast<double>(t + 1) < needed && kEarly * (t + 1) < control.batches) continue;
    shapes = bridged(running, level, std::move(shapes),
                     control.shrinkage / (draws * batches_of(gain)), narrowest);
    moved = true;
  }
  // Shapes that stayed as they came were fitted to nothing.
  fit.iterations = moved || kept > 0 ? static_cast<Index>(losses.size()) : 0;
  if (kept > 0) {
    shapes = bridged(later, later_level, std::move(shapes),
                     control.shrinkage / (draws * static_cast<double>(kept)), narrowest);
    const Vector masses = masses_of(later.far);
    for (Index k = masses.size() - 1; k >= 0; --k) {
      if (masses[k] <= kMassless && shapes.size() > 1) shapes.erase(shapes.begin() + k);
    }
  }
  if (!losses.empty()) {
    const auto last = std::span(losses).last(std::max<std::size_t>(1, to_size(kept)));
    fit.loss = std::reduce(last.begin(), last.end()) / static_cast<double>(last.size());
  }
  fit.converged = fit.iterations == control.batches && !falls(losses, control.tolerance);
  fit.shapes = std::move(shapes);
  return fit;
}

}  // namespace otbridge
