#include "entropic/units.hpp"

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

EntropicUnits entropic_units(const WeightedPoints& source, const WeightedPoints& target,
                             const ReferenceProcess& reference) {
  EntropicUnits frame{make_cloud_units(source, target, reference.endpoint_decay()), 0.0};
  frame.s2 = reference.endpoint_variance() / frame.length / frame.length;
  if (!(frame.s2 > 1e-60 && frame.s2 < 1e250)) {
    throw InvalidInput(
        "/reference/epsilon = " + number_text(reference.epsilon()),
        "is beyond what doubles hold beside coordinates of size " + number_text(frame.length));
  }
  return frame;
}

DiscreteProblem EntropicUnits::normalised(const WeightedPoints& source,
                                          const std::vector<Index>& rows,
                                          const WeightedPoints& target,
                                          const std::vector<Index>& columns) const {
  return {source_points(source, rows), target_points(target, columns), source.weights()(rows),
          target.weights()(columns)};
}

}  // namespace otbridge
