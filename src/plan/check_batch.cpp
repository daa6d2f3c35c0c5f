#include "plan/check_batch.hpp"

#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {

void check_batch(ConstPoints x, Index dimension) {
  if (x.cols() != dimension) {
    throw InvalidInput("points of dimension " + std::to_string(x.cols()),
                       "the plan is of dimension " + std::to_string(dimension));
  }
  // The search for the culprit, point by point, is left to the batch that has one.
  if (x.allFinite()) return;
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.cols(); ++c) {
      if (!std::isfinite(x(i, c))) {
        throw InvalidInput("row " + std::to_string(i + 1) + ", coordinate " + std::to_string(c) +
                               " = " + number_text(x(i, c)),
                           "must be finite");
      }
    }
  }
}

}  // namespace otbridge
