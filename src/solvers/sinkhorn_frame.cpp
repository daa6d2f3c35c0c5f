#include "solvers/sinkhorn_frame.hpp"

#include <algorithm>
#include <cmath>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "solvers/sinkhorn_order.hpp"

namespace otbridge {
namespace {

// The smallest power of two above every |entry|, or 1 if all are 0.
double power_above(double largest) {
  if (largest == 0.0) return 1.0;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, std::min(exponent, 1023));
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
  frame.decay = a;
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

std::vector<Index> SinkhornFrame::order(const WeightedPoints& cloud) {
  std::vector<Index> kept;
  for (Index i = 0; i < cloud.size(); ++i) {
    if (cloud.weights()[i] > 0.0) kept.push_back(i);
  }
  std::vector<Index> order = spatial_order(cloud.points()(kept, Eigen::all));
  for (Index& i : order) i = kept[static_cast<std::size_t>(i)];
  return order;
}

DiscreteProblem SinkhornFrame::normalised(const WeightedPoints& source,
                                          const std::vector<Index>& rows,
                                          const WeightedPoints& target,
                                          const std::vector<Index>& columns) const {
  const Points x = source.points()(rows, Eigen::all), y = target.points()(columns, Eigen::all);
  return {(x / length * decay).rowwise() - center, (y / length).rowwise() - center,
          source.weights()(rows), target.weights()(columns)};
}

Vector SinkhornFrame::expanded(Index size, const std::vector<Index>& rows,
                               const Vector& potential) const {
  Vector all = Vector::Zero(size);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    all[rows[k]] = cost_unit * potential[static_cast<Index>(k)];
  }
  return all;
}

}  // namespace otbridge
