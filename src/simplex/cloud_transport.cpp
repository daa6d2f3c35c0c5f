#include "simplex/cloud_transport.hpp"

#include <algorithm>
#include <tuple>

#include "core/ground_cost.hpp"
#include "measure/cloud_units.hpp"
#include "simplex/distinct_points.hpp"
#include "simplex/line_transport.hpp"
#include "sweep/cost_sweep.hpp"

namespace otbridge {
namespace {

std::vector<Index> all_rows(const WeightedPoints& cloud) {
  std::vector<Index> rows(to_size(cloud.size()));
  for (Index i = 0; i < cloud.size(); ++i) rows[to_size(i)] = i;
  return rows;
}

double cost_unit(const CloudUnits& frame, Ground ground) {
  return ground == Ground::distance ? frame.length : frame.cost_unit;
}

// First g from the sources with mass, then f from every target, so that f + g <= c everywhere.
void fill_without_weight(const WeightedPoints& source, const WeightedPoints& target,
                         const CloudUnits& frame, const SimplexProblem& problem, const Vector& f,
                         CloudTransport& result) {
  const double unit = cost_unit(frame, problem.ground);
  const std::vector<Index> columns = without_weight(target.weights());
  if (!columns.empty()) {
    const Points y = frame.target_points(target, columns);
    result.g(columns) = unit * CostSweep(y, problem.x, problem.ground).transform(f);
  }
  const std::vector<Index> rows = without_weight(source.weights());
  if (!rows.empty()) {
    const Points x = frame.source_points(source, rows);
    const Points y = frame.target_points(target, all_rows(target));
    result.f(rows) = unit * CostSweep(x, y, problem.ground).transform(result.g / unit);
  }
}

}  // namespace

CloudTransport transport_clouds(const WeightedPoints& source, const WeightedPoints& target,
                                double decay, const SimplexControl& control, Ground ground) {
  const CloudUnits frame = make_cloud_units(source, target, decay);
  const auto rows = source.support(), columns = target.support();
  const WholeMasses masses = whole_masses(source.weights()(rows), target.weights()(columns));
  const Points x = frame.source_points(source, rows), y = frame.target_points(target, columns);
  const DistinctPoints from = distinct_points(x, masses.supply),
                       to = distinct_points(y, masses.demand);
  const SimplexProblem problem{from.points, to.points, from.masses, to.masses, ground};
  const double unit = cost_unit(frame, ground);
  // The caller sees gaps in its own units.
  SimplexControl scaled = control;
  if (control.proceed) {
    scaled.proceed = [&](SimplexProgress progress) {
      if (progress.gap) *progress.gap *= unit;
      return control.proceed(progress);
    };
  }
  const SimplexAnswer answer =
      x.cols() == 1 ? solve_on_line(problem) : solve_simplex(problem, scaled);

  CloudTransport result;
  result.pivots = answer.pivots;
  result.outcome = answer.outcome;
  result.bounded = answer.bounded;
  Vector shipped = Vector::Zero(source.size()), received = Vector::Zero(target.size());
  for (const auto& [i, j, amount] :
       flows_of_copies(answer.flows, from, masses.supply, to, masses.demand)) {
    const double mass = masses.unit * static_cast<double>(amount);
    // Of the points as they were given: moved by the centre, near ones lose digits of their
    // difference.
    const Index row = rows[to_size(i)], column = columns[to_size(j)];
    const double cost = ground_cost(ground, frame.decay * (source.points().row(row) / frame.length),
                                    target.points().row(column) / frame.length);
    result.flows.push_back({row, column, mass});
    result.cost += mass * unit * cost;
    shipped[rows[to_size(i)]] += mass;
    received[columns[to_size(j)]] += mass;
  }
  std::ranges::sort(result.flows, {},
                    [](const auto& flow) { return std::tuple(flow.source, flow.target); });
  result.marginal_error_source = (shipped - source.weights()).lpNorm<1>();
  result.marginal_error_target = (received - target.weights()).lpNorm<1>();

  // Powers of two: of half squares by 1.
  const double from_squares = unit / frame.cost_unit;
  result.f = from_squares * frame.expanded(source.size(), rows, from.expanded(answer.f));
  result.g = from_squares * frame.expanded(target.size(), columns, to.expanded(answer.g));
  if (answer.bounded) fill_without_weight(source, target, frame, problem, answer.f, result);
  result.worst_violation = unit * answer.worst_violation;
  result.dual_value =
      result.f.dot(source.weights()) + result.g.dot(target.weights()) - result.worst_violation;
  return result;
}

}  // namespace otbridge
