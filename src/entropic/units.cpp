#include "entropic/units.hpp"

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

EntropicUnits entropic_units(const WeightedPoints& source, const WeightedPoints& target,
                             const ReferenceProcess& reference) {
  EntropicUnits units{make_cloud_units(source, target, reference.endpoint_decay()), 0.0};
  // Divided twice: the square of the length may be out of range where s^2 is not.
  units.s2 = reference.endpoint_variance() / units.length / units.length;
  // Well within what doubles hold, so that quotients c / s^2 and sums of them stay there too.
  if (!(units.s2 > 1e-60 && units.s2 < 1e250)) {
    throw InvalidInput(
        "/reference/epsilon = " + number_text(reference.epsilon()),
        "is beyond what doubles hold beside coordinates of size " + number_text(units.length));
  }
  return units;
}

// Weights as they are: those left out are 0, so that the rest sum to 1.
DiscreteProblem EntropicUnits::normalised(const WeightedPoints& source,
                                          const std::vector<Index>& rows,
                                          const WeightedPoints& target,
                                          const std::vector<Index>& columns) const {
  return {source_points(source, rows), target_points(target, columns), source.weights()(rows),
          target.weights()(columns)};
}

}  // namespace otbridge
