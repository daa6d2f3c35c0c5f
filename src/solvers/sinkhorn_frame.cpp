#include "solvers/sinkhorn_frame.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

// The smallest power of two above every |entry|, or 1 if all are 0.
double power_above(double largest) {
  if (largest == 0.0) return 1.0;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, std::min(exponent, 1023));
}

std::vector<Index> kept(const Vector& weights) {
  std::vector<Index> rows;
  for (Index i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0.0) rows.push_back(i);
  }
  return rows;
}

}  // namespace

SinkhornFrame make_frame(const WeightedPoints& source, const WeightedPoints& target,
                         const ReferenceProcess& reference) {
  const double a = reference.endpoint_decay();
  const double largest =
      std::max(a * source.points().cwiseAbs().maxCoeff(), target.points().cwiseAbs().maxCoeff());
  const double first = power_above(largest);
  const Points x = source.points() / first * a, y = target.points() / first;
  SinkhornFrame frame;
  frame.center = 0.5 * (x.colwise().mean() + y.colwise().mean());
  const double spread = std::max((x.rowwise() - frame.center).cwiseAbs().maxCoeff(),
                                 (y.rowwise() - frame.center).cwiseAbs().maxCoeff());
  const double second = spread > 0.0 ? power_above(spread) : 1.0 / first;
  frame.center /= second;
  frame.length = first * second;
  frame.cost_unit = frame.length * frame.length;
  frame.s2 = reference.endpoint_variance() / frame.length / frame.length;
  const double cost = frame.cost_unit * static_cast<double>(x.cols());
  if (!(std::isfinite(cost) && cost < 1e306)) {
    throw InvalidInput("coordinates of size " + number_text(frame.length),
                       "squared distances overflow; rescale the clouds");
  }
  if (!(frame.s2 > 1e-250 && frame.s2 < 1e250)) {
    throw InvalidInput(
        "/reference/epsilon = " + number_text(reference.epsilon()),
        "is beyond what doubles hold beside coordinates of size " + number_text(frame.length));
  }
  return frame;
}

DiscreteProblem SinkhornFrame::normalised(const WeightedPoints& source,
                                          const WeightedPoints& target,
                                          const ReferenceProcess& reference) const {
  const auto rows = kept(source.weights()), columns = kept(target.weights());
  const Points x = source.points()(rows, Eigen::all), y = target.points()(columns, Eigen::all);
  const double a = reference.endpoint_decay();
  return {(x / length * a).rowwise() - center, (y / length).rowwise() - center,
          source.weights()(rows), target.weights()(columns)};
}

Vector SinkhornFrame::expanded(const WeightedPoints& cloud, const Vector& potential) const {
  Vector all = Vector::Zero(cloud.size());
  Index next = 0;
  for (Index i = 0; i < all.size(); ++i) {
    if (cloud.weights()[i] > 0.0) all[i] = cost_unit * potential[next++];
  }
  return all;
}

std::vector<double> temperature_levels(const DiscreteProblem& problem, double s2, double scaling) {
  std::vector<double> levels;
  if (scaling < 1.0) {
    const Eigen::RowVectorXd low =
        problem.x.colwise().minCoeff().cwiseMin(problem.y.colwise().minCoeff());
    const Eigen::RowVectorXd high =
        problem.x.colwise().maxCoeff().cwiseMax(problem.y.colwise().maxCoeff());
    const double largest_cost = 0.5 * (high - low).squaredNorm();
    for (double level = largest_cost; level > s2; level *= scaling) levels.push_back(level);
  }
  levels.push_back(s2);
  return levels;
}

}  // namespace otbridge
