#include "solvers/sinkhorn_frame.hpp"

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

SinkhornFrame make_frame(const WeightedPoints& source, const WeightedPoints& target,
                         const ReferenceProcess& reference) {
  SinkhornFrame frame{make_cloud_frame(source, target, reference.endpoint_decay()), 0.0};
  frame.s2 = reference.endpoint_variance() / frame.length / frame.length;
  if (!(frame.s2 > 1e-60 && frame.s2 < 1e250)) {
    throw InvalidInput(
        "/reference/epsilon = " + number_text(reference.epsilon()),
        "is beyond what doubles hold beside coordinates of size " + number_text(frame.length));
  }
  return frame;
}

DiscreteProblem SinkhornFrame::normalised(const WeightedPoints& source,
                                          const std::vector<Index>& rows,
                                          const WeightedPoints& target,
                                          const std::vector<Index>& columns) const {
  return {source_points(source, rows), target_points(target, columns), source.weights()(rows),
          target.weights()(columns)};
}

}  // namespace otbridge
