#include "otbridge/plan/transport_plan.hpp"

#include <string>
#include <utility>

#include "otbridge/core/error.hpp"
#include "otbridge/core/exchange.hpp"
#include "plan/check_batch.hpp"

namespace otbridge {
namespace {

// Numbers of a plan, or of a batch, near the end of the doubles: an answer that is none.
Points finite(Points answer) {
  if (answer.allFinite()) return answer;
  for (Index i = 0; i < answer.rows(); ++i) {
    if (answer.row(i).allFinite()) continue;
    throw InvalidInput("row " + std::to_string(i + 1), "the plan moves it beyond the doubles");
  }
  return answer;
}

// What move(rows, first of them) makes of all rows, which ranks share: no row knows its company.
template <class Move>
Points in_shares(ConstPoints x, Move&& move) {
  if (exchange_ranks() == 1) return finite(move(x, 0));
  Points answer(x.rows(), x.cols());
  shared_rows(x.rows(), {rows_of_loop(answer.data(), x.cols())}, [&](Index begin, Index end) {
    answer.middleRows(begin, end - begin) = move(x.middleRows(begin, end - begin), begin);
  });
  return finite(std::move(answer));
}

}  // namespace

Points TransportPlan::sample(ConstPoints x, Direction direction, const RandomStream& stream,
                             Index first_row) const {
  check_batch(x, problem_.dimension());
  if (x.rows() == 0) return Points(0, x.cols());
  return in_shares(x, [&](ConstPoints rows, Index begin) {
    return do_sample(rows, direction, stream, first_row + begin);
  });
}

Points TransportPlan::map(ConstPoints x, Direction direction) const {
  check_batch(x, problem_.dimension());
  if (x.rows() == 0) return Points(0, x.cols());
  return in_shares(x, [&](ConstPoints rows, Index) { return do_map(rows, direction); });
}

Paths TransportPlan::sample_paths(ConstPoints x, std::span<const double> times, Direction direction,
                                  const RandomStream& stream, Index first_row) const {
  check_batch(x, problem_.dimension());
  check_times(times);
  if (x.rows() == 0) {
    return {{times.begin(), times.end()}, std::vector<Points>(times.size(), Points(0, x.cols()))};
  }
  Paths paths = do_sample_paths(x, times, direction, stream, first_row);
  for (Points& slice : paths.at) slice = finite(std::move(slice));
  return paths;
}

Paths TransportPlan::do_sample_paths(ConstPoints x, std::span<const double> times,
                                     Direction direction, const RandomStream& stream,
                                     Index first_row) const {
  // Two streams, so that the far ends are independent of the noise between the ends.
  const Points far_end = do_sample(x, direction, stream.fork(0), first_row);
  const RandomStream between = stream.fork(1);
  return direction == Direction::forward
             ? sample_bridge(problem_.reference(), x, far_end, times, between, first_row)
             : sample_bridge(problem_.reference(), far_end, x, times, between, first_row);
}

}  // namespace otbridge
