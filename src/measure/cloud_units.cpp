#include "measure/cloud_units.hpp"

#include <algorithm>
#include <cmath>

#include "core/medians.hpp"
#include "core/spatial_order.hpp"
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

}  // namespace

CloudUnits make_cloud_units(const WeightedPoints& source, const WeightedPoints& target,
                            double decay) {
  // In two steps, since differences of raw coordinates could overflow: first to at most 1, then,
  // about the centre, to order 1. Powers of two divide exactly. The centre is where most points
  // are: about a mean that a few outliers have moved away, all others would lose their digits.
  const double largest = std::max(decay * source.points().cwiseAbs().maxCoeff(),
                                  target.points().cwiseAbs().maxCoeff());
  const double first = power_above(largest);
  const Points x = source.points() / first * decay, y = target.points() / first;
  CloudUnits units;
  units.decay = decay;
  Points both(x.rows() + y.rows(), x.cols());
  both << x, y;
  units.center = coordinate_medians(both);
  const double spread = std::max((x.rowwise() - units.center).cwiseAbs().maxCoeff(),
                                 (y.rowwise() - units.center).cwiseAbs().maxCoeff());
  // All points the same: no length is given, and 1 is as good as any.
  const double second = spread > 0.0 ? power_above(spread) : 1.0 / first;
  units.center /= second;
  units.length = first * second;
  units.cost_unit = units.length * units.length;
  const double cost = units.cost_unit * static_cast<double>(x.cols());
  if (!(std::isfinite(cost) && cost < 1e306)) {  // two decades below the largest double
    throw InvalidInput("coordinates of size " + number_text(units.length),
                       "squared distances overflow; rescale the clouds");
  }
  return units;
}

std::vector<Index> CloudUnits::order(const WeightedPoints& cloud) {
  const std::vector<Index> kept = cloud.support();
  // The order is of the kept points; their rows in the cloud are what the caller knows.
  std::vector<Index> order = spatial_order(cloud.points()(kept, Eigen::all));
  for (Index& i : order) i = kept[to_size(i)];
  return order;
}

Points CloudUnits::source_points(const WeightedPoints& source,
                                 const std::vector<Index>& rows) const {
  const Points x = source.points()(rows, Eigen::all);
  return (x / length * decay).rowwise() - center;
}

Points CloudUnits::target_points(const WeightedPoints& target,
                                 const std::vector<Index>& rows) const {
  const Points y = target.points()(rows, Eigen::all);
  return (y / length).rowwise() - center;
}

Vector CloudUnits::expanded(Index size, const std::vector<Index>& rows,
                            const Vector& potential) const {
  Vector all = Vector::Zero(size);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    all[rows[k]] = cost_unit * potential[static_cast<Index>(k)];
  }
  return all;
}

}  // namespace otbridge
