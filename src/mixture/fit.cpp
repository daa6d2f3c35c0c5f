#include "mixture/fit.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/decompositions.hpp"
#include "mixture/clusters.hpp"
#include "mixture/shares.hpp"
#include "mixture/terms.hpp"
#include "otbridge/core/parallel.hpp"

namespace otbridge {
namespace {

constexpr double kNarrowest = 1e-9;  // variance of a share, over the mean one of the far cloud
constexpr double kWidening = 1e-3;   // of the first shapes, over the same, so that all have shares
constexpr double kGone = 1e-9;       // mass of a shape that is left out
constexpr double kBalanced = 1e-6;   // L1 error of the masses
constexpr Index kBalanceSteps = 50;
constexpr double kFarthest = 16.0;  // change of a log weight, beyond which the model knows nothing
constexpr double kLeastStep = 1.0 / 1024.0;
constexpr double kUnbalanced = 1e-2;  // of a fit that is not done
constexpr Index kQuiet = 3;           // iterations in a row without a fall: converged

using Shapes = std::vector<PotentialShape>;

// The mean variance of a coordinate of the far cloud; 1, which is s^2, for a single point, to which
// any width far below that is as good.
double spread(const MixtureData& data) {
  const Eigen::RowVectorXd mean = data.far_weights.transpose() * data.far;
  const Vector squares = (data.far.rowwise() - mean).rowwise().squaredNorm();
  const double variance = squares.dot(data.far_weights) / static_cast<double>(data.far.cols());
  return variance > 0.0 ? variance : 1.0;
}

class Fit {
 public:
  Fit(const MixtureData& data, const MixtureControl& control)
      : data_(data), control_(control), narrowest_(narrowest_share(data)) {}

  MixtureFit run(Shapes shapes);

 private:
  struct State {
    Shapes shapes;
    Matrix terms;      // of log h at the near points
    Matrix near, far;  // shares of the shapes: p_k(x) and q_k(y)
    double loss = std::numeric_limits<double>::infinity();
  };
  State balanced(Shapes shapes, const State* from) const;
  Shapes bridged(const State& state);
  double value(const State& state) const;  // the loss with that of the prior
  State towards(const State& from, const Shapes& to, double length) const;
  Vector balance(const Matrix& terms, const Vector& masses) const;
  State without_empty(State state) const;
  bool stopped() const { return control_.stopped && control_.stopped(); }

  const MixtureData& data_;
  const MixtureControl& control_;
  double narrowest_;
  SharePrior prior_;
};

// The state of the shapes with their weights balanced. They begin where the mean of every log term
// over its own share is what it was in `from`, whose masses they get; null: as they are, with the
// masses that they have in the far cloud.
Fit::State Fit::balanced(Shapes shapes, const State* from) const {
  State state{{},
              log_terms(data_.near, shapes, BridgeSide::near),
              {},
              log_terms(data_.far, shapes, BridgeSide::far)};
  state.shapes = std::move(shapes);
  Vector shift = Vector::Zero(state.far.cols()), masses = shift;
  if (from != nullptr) {
    masses = from->far.transpose() * data_.far_weights;
    for (Index k = 0; k < shift.size(); ++k) {
      const Vector share = from->near.col(k).cwiseProduct(data_.near_weights);
      const double mass = share.sum();
      if (mass > 0.0) shift[k] = share.dot(from->terms.col(k) - state.terms.col(k)) / mass;
    }
  } else {
    Matrix shares = state.far;
    normalise_rows(shares);
    masses = shares.transpose() * data_.far_weights;
  }
  // Of the weights as they were in `from`, or are.
  state.terms.rowwise() += shift.transpose();
  const Vector further = balance(state.terms, masses);
  state.terms.rowwise() += further.transpose();
  shift += further;
  state.far.rowwise() += shift.transpose();
  for (Index k = 0; k < shift.size(); ++k) state.shapes[to_size(k)].log_weight += shift[k];
  state.near = state.terms;
  state.loss = normalise_rows(state.near).dot(data_.near_weights) -
               normalise_rows(state.far).dot(data_.far_weights);
  return state;
}

// The prior is that of these shares, and stays until the next step.
Shapes Fit::bridged(const State& state) {
  auto near = moments_of_shares(data_.near, data_.near_weights, state.near, control_.full);
  auto far = moments_of_shares(data_.far, data_.far_weights, state.far, control_.full);
  prior_ = {control_.shrinkage, mean_variance(near), mean_variance(far)};
  Shapes shapes(state.shapes.size());
  parallel_for(static_cast<Index>(shapes.size()), 1, [&](Index k, Index, Index) {
    const auto slot = to_size(k);
    const bool any = near[slot].mass > 0.0 && far[slot].mass > 0.0;
    shapes[slot] =
        any ? gaussian_share(near[slot], far[slot], prior_, narrowest_) : state.shapes[slot];
  });
  return shapes;
}

double Fit::value(const State& state) const {
  double sum = state.loss;
  if (!(prior_.mass > 0.0)) return sum;
  for (const PotentialShape& shape : state.shapes) sum += prior_loss(shape, prior_);
  return sum;
}

// What is to be added to the terms so that the plan gives every shape its mass: it minimises
// E_mu log sum_k exp(t_k(x) + l_k) - <masses, l>, convex, by Newton steps.
Vector Fit::balance(const Matrix& terms, const Vector& masses) const {
  Vector shift = Vector::Zero(masses.size());
  Matrix shares;
  const auto value_at = [&](const Vector& l) {
    shares = terms.rowwise() + l.transpose();
    return normalise_rows(shares).dot(data_.near_weights) - masses.dot(l);
  };
  double value = value_at(shift);
  for (Index step = 0; step < kBalanceSteps && !stopped(); ++step) {
    const Vector reached = shares.transpose() * data_.near_weights;
    const Vector gradient = reached - masses;
    const double error = gradient.lpNorm<1>();
    if (error <= kBalanced) break;
    Matrix hessian = -shared_masses(shares, data_.near_weights);
    // Damped: it is singular along the constants, and nearly so where shapes hardly meet.
    hessian.diagonal() += reached + 1e-3 * error * masses + Vector::Constant(masses.size(), 1e-14);
    const Vector direction = -hessian.ldlt().solve(gradient);
    const double slope = gradient.dot(direction);
    if (!(slope < 0.0)) break;
    double length = std::min(1.0, kFarthest / direction.cwiseAbs().maxCoeff());
    double next = value_at(shift + length * direction);
    while (!(next <= value + 1e-4 * length * slope) && length > kLeastStep) {
      length *= 0.5;
      next = value_at(shift + length * direction);
    }
    if (!(next < value)) break;  // what is left is rounding
    shift += length * direction;
    value = next;
  }
  return shift;
}

// The state a length along the way.
Fit::State Fit::towards(const State& from, const Shapes& to, double length) const {
  Shapes shapes = from.shapes;
  for (std::size_t k = 0; k < shapes.size(); ++k) {
    shapes[k].linear += length * (to[k].linear - shapes[k].linear);
    shapes[k].precision += length * (to[k].precision - shapes[k].precision);
  }
  return balanced(std::move(shapes), &from);
}

// Shapes that explain nothing of the far cloud are left out.
Fit::State Fit::without_empty(State state) const {
  const Vector masses = state.far.transpose() * data_.far_weights;
  // All of them, where numbers are lost: as they are.
  if (masses.minCoeff() > kGone || !(masses.maxCoeff() > kGone)) return state;
  Shapes left;
  for (Index k = 0; k < masses.size(); ++k) {
    if (masses[k] > kGone) left.push_back(std::move(state.shapes[to_size(k)]));
  }
  return balanced(std::move(left), nullptr);
}

MixtureFit Fit::run(Shapes shapes) {
  State state = balanced(std::move(shapes), nullptr);
  MixtureFit fit;
  double length = 1.0;
  for (Index quiet = 0; quiet < kQuiet && fit.iterations < control_.iterations && !stopped();) {
    if (control_.proceed && !control_.proceed(fit.iterations, state.loss)) break;
    ++fit.iterations;
    state = without_empty(std::move(state));
    const Shapes to = bridged(state);
    length = std::min(1.0, 2.0 * length);
    State next = towards(state, to, length);
    const double before = value(state);
    double after = value(next);
    while (!(after < before) && length > kLeastStep && !stopped()) {
      length *= 0.5;
      next = towards(state, to, length);
      after = value(next);
    }
    const bool fell = after < before - control_.tolerance;
    if (after < before) state = std::move(next);
    quiet = fell ? 0 : quiet + 1;
    const double unbalanced =
        (state.near.transpose() * data_.near_weights - state.far.transpose() * data_.far_weights)
            .lpNorm<1>();
    fit.converged = quiet == kQuiet && unbalanced <= kUnbalanced && !stopped();
  }
  fit.loss = state.loss;
  fit.shapes = std::move(state.shapes);
  return fit;
}

// The Gaussian of every cluster of the far cloud.
Shapes first_shapes(const MixtureData& data, const MixtureControl& control,
                    const RandomStream& stream) {
  const std::vector<Index> labels =
      clusters(data.far, data.far_weights, control.components, stream, control.stopped);
  Matrix shares = Matrix::Zero(data.far.rows(), control.components);
  for (Index j = 0; j < data.far.rows(); ++j) shares(j, labels[to_size(j)]) = 1.0;
  const double width = kWidening * spread(data);
  Shapes shapes;
  for (const ShareMoments& far :
       moments_of_shares(data.far, data.far_weights, shares, control.full)) {
    if (!(far.mass > 0.0)) continue;
    // Lambda is the inverse of the covariance, 1/P that and 1 / s^2.
    PotentialShape shape{0.0, {}, {}};
    Vector inverse;
    if (control.full) {
      const SymmetricEigen eigen = symmetric_eigen(far.covariance);
      inverse = (eigen.values.array().max(0.0) + width).inverse();
      shape.precision = eigen.vectors * inverse.asDiagonal() * eigen.vectors.transpose();
      shape.linear = shape.precision * far.mean;
      shape.precision.diagonal().array() += 1.0;
    } else {
      inverse = (far.covariance.col(0).array().max(0.0) + width).inverse();
      shape.precision = inverse.array() + 1.0;
      shape.linear = inverse.cwiseProduct(far.mean);
    }
    shape.log_weight =
        std::log(far.mass) + 0.5 * inverse.array().log().sum() - 0.5 * far.mean.dot(shape.linear);
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

}  // namespace

MixtureFit fit_mixture(const MixtureData& data, const MixtureControl& control,
                       const RandomStream& stream) {
  return Fit(data, control).run(first_shapes(data, control, stream));
}

MixtureFit fit_mixture(const MixtureData& data, const MixtureControl& control,
                       std::vector<PotentialShape> shapes) {
  return Fit(data, control).run(std::move(shapes));
}

double narrowest_share(const MixtureData& data) { return kNarrowest * spread(data); }

double mixture_loss(const MixtureData& data, const std::vector<PotentialShape>& shapes) {
  Matrix near = log_terms(data.near, shapes, BridgeSide::near),
         far = log_terms(data.far, shapes, BridgeSide::far);
  return normalise_rows(near).dot(data.near_weights) - normalise_rows(far).dot(data.far_weights);
}

}  // namespace otbridge
