#include "solvers/mixture/plan.hpp"

#include <cmath>
#include <numbers>

#include "entropic/cloud_drift.hpp"
#include "mixture/mixture_drift.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "otbridge/measure/weighted_points.hpp"
#include "otbridge/solvers/mixture.hpp"

namespace otbridge {

MixturePlan::MixturePlan(const TransportProblem& problem, CloudSide source,
                         const Eigen::RowVectorXd& center, std::vector<PotentialShape> shapes)
    : TransportPlan(problem),
      Potentials(problem.dimension()),
      Drift(problem.dimension()),
      Conditionals(problem.dimension()),
      Density(problem.dimension()),
      shapes_(std::move(shapes)),
      potential_(center, problem.reference().endpoint_variance(), shapes_),
      source_(with_potential(std::move(source))),
      source_cloud_(std::make_shared<const TiltedCloud>(
          source_.points, source_.weights, source_.potential,
          problem.reference().endpoint_variance(), LocalPrecision::mixed)),
      backward_(source_cloud_, {problem.reference().endpoint_decay(), 1.0,
                                problem.reference().endpoint_variance()}) {}

CloudSide MixturePlan::with_potential(CloudSide source) {
  const double least = potential_.least_precision();
  if (!(least > 0.0)) {
    throw InvalidInput("precision of a shape = " + number_text(least), "must be > 0");
  }
  source.potential = do_f(source.points);
  gauge_ = -source.potential.dot(source.weights);
  source.potential.array() += gauge_;
  if (!source.potential.allFinite()) {
    throw InvalidInput("potentials of the plan's shapes", "overflow");
  }
  return source;
}

GaussianKernel MixturePlan::endpoint_kernel() const {
  return kernel_from(problem().reference(), 0.0);
}

PlanState MixturePlan::state() const {
  const Index d = problem().dimension(), count = potential_.components();
  const Index columns = shapes_.front().precision.cols();
  Points log_weights(count, 1), linear(count, d), precision(count * d, columns);
  for (Index k = 0; k < count; ++k) {
    const PotentialShape& shape = shapes_[to_size(k)];
    log_weights(k, 0) = shape.log_weight;
    linear.row(k) = shape.linear.transpose();
    precision.middleRows(k * d, d) = shape.precision;
  }
  PlanState state;
  state.solver = name();
  state.arrays = {{"x", source_.points},        {"a", source_.weights},
                  {"f", source_.potential},     {"center", potential_.center()},
                  {"log_weights", log_weights}, {"linear", linear},
                  {"precision", precision}};
  return state;
}

Points MixturePlan::do_map(ConstPoints x, Direction direction) const {
  return direction == Direction::forward ? potential_.mean(x, endpoint_kernel())
                                         : backward_.mean(x);
}

Points MixturePlan::do_sample(ConstPoints x, Direction direction, const RandomStream& stream,
                              Index first_row) const {
  return direction == Direction::forward
             ? potential_.sample(x, endpoint_kernel(), stream, first_row)
             : backward_.sample(x, stream, first_row);
}

// d pi(y | x) = phi(y) N(y; a x, s^2 I) / h(x) dy, so that exp(f / s^2) is 1 / h; g is what makes
// the other marginal that of the plan.
Vector MixturePlan::do_f(ConstPoints x) const {
  const GaussianKernel kernel = endpoint_kernel();
  return (-kernel.variance * potential_.log_sum(x, kernel)).array() + gauge_;
}

Vector MixturePlan::do_g(ConstPoints y) const {
  return -problem().reference().endpoint_variance() * backward_.log_normaliser(y);
}

Points MixturePlan::do_at(double t, ConstPoints x, Direction direction) const {
  const ReferenceProcess& reference = problem().reference();
  if (direction == Direction::backward) {
    return cloud_drift(reference, source_cloud_, t, x, direction);
  }
  return mixture_drift(reference, potential_, t, x);
}

std::optional<Matrix> MixturePlan::do_covariance(ConstPoints x, Direction direction) const {
  return direction == Direction::forward ? potential_.covariance(x, endpoint_kernel())
                                         : backward_.covariance(x);
}

std::optional<Vector> MixturePlan::do_log_density(ConstPoints x, ConstPoints y,
                                                  Direction direction) const {
  if (direction == Direction::backward) return std::nullopt;
  return potential_.log_conditional(x, y, endpoint_kernel());
}

// sum_i a_i phi(y) N(y; a x_i, s^2 I) / h(x_i), with 1 / h = exp((f - gauge) / s^2).
LogDensity MixturePlan::do_log_at(ConstPoints y, Direction direction,
                                  const DensitySettings&) const {
  if (direction == Direction::backward) {
    throw InvalidInput(place(direction, name()), "the source stands there as a cloud");
  }
  if (problem().source().as<WeightedPoints>() == nullptr) {
    throw InvalidInput(place(direction, name()),
                       "it is in closed form for a source that is a cloud alone");
  }
  const double s2 = problem().reference().endpoint_variance();
  const double constant =
      gauge_ / s2 + 0.5 * static_cast<double>(y.cols()) * std::log(2.0 * std::numbers::pi * s2);
  return {(potential_.log_sum(y, {1.0, 0.0}) + backward_.log_normaliser(y)).array() - constant, {}};
}

std::unique_ptr<const TransportPlan> restore_mixture(const TransportProblem& problem,
                                                     const PlanState& state) {
  state.allow_only(
      {}, std::vector<std::string>{"x", "a", "f", "center", "log_weights", "linear", "precision"});
  const Index d = problem.dimension();
  const Points& log_weights = state.array("log_weights", -1, 1);
  const Index count = log_weights.rows();
  const Points& linear = state.array("linear", count, d);
  const Points& precision = state.array("precision", count * d, -1);
  if (count == 0 || (precision.cols() != 1 && precision.cols() != d)) {
    throw InvalidInput("plan of mixture",
                       "entry \"precision\" must hold K d x d matrices or "
                       "their diagonals, K >= 1");
  }
  std::vector<PotentialShape> shapes;
  for (Index k = 0; k < count; ++k) {
    shapes.push_back(
        {log_weights(k, 0), linear.row(k).transpose(), precision.middleRows(k * d, d)});
  }
  return std::make_unique<const MixturePlan>(
      problem, read_cloud_side(state, *problem.source(), "x", "a", "f"),
      state.array("center", 1, d).row(0), std::move(shapes));
}

}  // namespace otbridge
