#include "otbridge/plan/faces.hpp"

#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"
#include "plan/check_batch.hpp"

namespace otbridge {

Matrix Coupling::rows(Index begin, Index end) const {
  const Index n = source_weights().size();
  if (!(0 <= begin && begin <= end && end <= n)) {
    throw InvalidInput("rows [" + std::to_string(begin) + ", " + std::to_string(end) + ")",
                       "must be a range within the " + std::to_string(n) + " source points");
  }
  // An empty range has a shape all the same: callers stack blocks.
  if (begin == end) return Matrix(0, target_weights().size());
  return do_rows(begin, end);
}

Vector Potentials::f(ConstPoints x) const {
  check_batch(x, dimension_);
  return x.rows() == 0 ? Vector(0) : do_f(x);
}

Vector Potentials::g(ConstPoints y) const {
  check_batch(y, dimension_);
  return y.rows() == 0 ? Vector(0) : do_g(y);
}

Points Drift::at(double t, ConstPoints x, Direction direction) const {
  // Written so that NaN fails too.
  if (!(t >= 0.0 && t <= 1.0)) throw InvalidInput("t = " + number_text(t), "must be within [0, 1]");
  check_batch(x, dimension_);
  return x.rows() == 0 ? Points(0, dimension_) : do_at(t, x, direction);
}

}  // namespace otbridge
