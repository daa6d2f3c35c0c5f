#include "entropic/cloud_ascent.hpp"

#include "entropic/units.hpp"

namespace otbridge {

AscentAnswer ascend_clouds(const WeightedPoints& source, const WeightedPoints& target,
                           const ReferenceProcess& reference, const AscentControl& control,
                           const DualPair* start) {
  check_start(start, source.size(), target.size());
  const EntropicUnits units = entropic_units(source, target, reference);
  // Row k of the problem is row rows[k] of the cloud; points of weight 0 are not among them.
  const auto rows = EntropicUnits::order(source), columns = EntropicUnits::order(target);
  const AscentProblem problem{units.normalised(source, rows, target, columns), units.s2};
  std::optional<DualPair> inner;
  if (start != nullptr) {
    inner = {start->f(rows) / units.cost_unit, start->g(columns) / units.cost_unit};
  }
  AscentAnswer answer = ascend(problem, control, inner ? &*inner : nullptr);

  answer.potentials = {units.expanded(source.size(), rows, answer.potentials.f),
                       units.expanded(target.size(), columns, answer.potentials.g)};
  // Marginal errors and the divergence are pure numbers.
  for (double* value : {&answer.certificate.value_linear, &answer.certificate.value,
                        &answer.certificate.dual_value, &answer.certificate.gap}) {
    *value *= units.cost_unit;
  }
  return answer;
}

}  // namespace otbridge
