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
  const auto scaled = [&](const DualPair& pair) -> DualPair {
    return {pair.f(rows) / units.cost_unit, pair.g(columns) / units.cost_unit};
  };
  std::optional<DualPair> inner;
  if (start != nullptr) inner = scaled(*start);
  AscentControl inner_control = control;
  if (control.other_start) {
    inner_control.other_start = [&]() -> std::optional<DualPair> {
      const std::optional<DualPair> other = control.other_start();
      if (!other) return std::nullopt;
      check_start(&*other, source.size(), target.size());
      return scaled(*other);
    };
  }
  AscentAnswer answer = ascend(problem, inner_control, inner ? &*inner : nullptr);

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
