#include "otbridge/plan/transport_plan.hpp"

#include <cmath>
#include <string>

#include "otbridge/core/error.hpp"
#include "otbridge/core/number_text.hpp"

namespace otbridge {
namespace {

void check_batch(const TransportProblem& problem, ConstPoints x) {
  if (x.cols() != problem.dimension()) {
    throw InvalidInput("points of dimension " + std::to_string(x.cols()),
                       "the plan is of dimension " + std::to_string(problem.dimension()));
  }
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

}  // namespace

Points TransportPlan::sample(ConstPoints x, Direction direction, const RandomStream& stream,
                             Index first_row) const {
  check_batch(problem_, x);
  if (x.rows() == 0) return Points(0, x.cols());
  return do_sample(x, direction, stream, first_row);
}

Points TransportPlan::map(ConstPoints x, Direction direction) const {
  check_batch(problem_, x);
  if (x.rows() == 0) return Points(0, x.cols());
  return do_map(x, direction);
}

Paths TransportPlan::sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                                  const RandomStream& stream) const {
  check_batch(problem_, x);
  check_times(times);
  if (x.rows() == 0) {
    return {{times.begin(), times.end()}, std::vector<Points>(times.size(), Points(0, x.cols()))};
  }
  return do_sample_paths(x, times, direction, stream);
}

Paths TransportPlan::do_sample_paths(ConstPoints x, std::span<const double> times,
                                     Direction direction, const RandomStream& stream) const {
  const Points far_end = do_sample(x, direction, stream.fork(0), 0);
  const RandomStream between = stream.fork(1);
  return direction == Direction::forward
             ? sample_bridge(problem_.reference(), x, far_end, times, between)
             : sample_bridge(problem_.reference(), far_end, x, times, between);
}

}  // namespace otbridge
