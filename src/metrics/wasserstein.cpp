#include "otbridge/metrics/wasserstein.hpp"

#include <cmath>

#include "core/at_least_zero.hpp"
#include "entropic/cloud_ascent.hpp"
#include "measure/cloud_units.hpp"
#include "metrics/same_dimension.hpp"
#include "otbridge/solve/solver.hpp"
#include "simplex/cloud_transport.hpp"
#include "sweep/cost_sweep.hpp"

namespace otbridge {
namespace {

// Of boxes around both clouds: no cost is larger.
double largest_cost(const WeightedPoints& mu, const WeightedPoints& nu) {
  const auto low = mu.points().colwise().minCoeff().cwiseMin(nu.points().colwise().minCoeff());
  const auto high = mu.points().colwise().maxCoeff().cwiseMax(nu.points().colwise().maxCoeff());
  return 0.5 * (high - low).squaredNorm();
}

// The value of the dual that hard c-transforms make of a potential on nu, in cost units.
double dual_value(const WeightedPoints& mu, const WeightedPoints& nu, const Vector& g) {
  const CloudUnits frame = make_cloud_units(mu, nu, 1.0);
  const auto rows = CloudUnits::order(mu), columns = CloudUnits::order(nu);
  const Points x = frame.source_points(mu, rows), y = frame.target_points(nu, columns);
  // In these units costs are those of points about one origin: potentials on the points as they are
  // differ from them by nothing but the unit.
  const Vector f = CostSweep(x, y).transform(g(columns) / frame.cost_unit);
  const Vector best = CostSweep(y, x).transform(f);
  return frame.cost_unit * (f.dot(mu.weights()(rows)) + best.dot(nu.weights()(columns)));
}

}  // namespace

ExactTransport exact_transport(const WeightedPoints& mu, const WeightedPoints& nu) {
  check_same_dimension(mu, nu);
  return transport_clouds(mu, nu);  // less what only a report wants
}

double wasserstein2(const WeightedPoints& mu, const WeightedPoints& nu) {
  // The cost of clouds that coincide may round to below 0.
  return std::sqrt(2.0 * at_least_zero(exact_transport(mu, nu).cost));
}

Bracket wasserstein2_bracket(const WeightedPoints& mu, const WeightedPoints& nu,
                             double epsilon_relative) {
  check_same_dimension(mu, nu);
  constexpr double kTolerance = 1e-5;
  const double unit = relative_unit(mu, nu, 0);
  if (unit == 0.0) return {0.0, 0.0};
  const AscentAnswer answer =
      ascend_clouds(mu, nu, ReferenceProcess(epsilon_relative * unit), {.tolerance = kTolerance});
  // Rounding the plan to its marginals moves at most twice their errors of mass (Altschuler, Weed,
  // Rigollet 2017, lemma 7), each over the largest cost at most.
  const Certificate& certificate = answer.certificate;
  const double moved = 2.0 * (certificate.marginals.source + certificate.marginals.target);
  const double upper = certificate.value_linear + moved * largest_cost(mu, nu);
  const double lower = dual_value(mu, nu, answer.potentials.g);
  return {std::sqrt(2.0 * at_least_zero(lower)), std::sqrt(2.0 * at_least_zero(upper))};
}

double wasserstein1(const WeightedPoints& mu, const WeightedPoints& nu) {
  check_same_dimension(mu, nu);
  return transport_clouds(mu, nu, 1.0, {}, Ground::distance).cost;
}

}  // namespace otbridge
