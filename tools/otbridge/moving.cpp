#include "moving.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "interrupt.hpp"
#include "otbridge/core/error.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/parallel.hpp"
#include "output.hpp"
#include "progress.hpp"

namespace otbridge::cli {
namespace {

std::string of_all(Index rows, Index n) {
  return std::to_string(rows) + " of " + std::to_string(n);
}

}  // namespace

Cloud first_rows(const Cloud& cloud, Index count) {
  std::vector<Index> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), Index{0});
  return rows_of(cloud, rows);
}

std::string interruption(Index done, Index n) {
  return "interrupted, the first " + of_all(done, n) + " are kept";
}

Index for_parts(Index n, const std::string& what, const RunOptions& run,
                const std::function<void(Index begin, Index end)>& part, bool are_kept) {
  constexpr double kSeconds = 0.1;  // of a part, about
  // Rows, the first for each thread, so that all have some.
  constexpr Index kFirst = 128, kFewest = 16;
  ProgressLine line(run.quiet, run.verbose);
  const StopOnInterrupt interrupts(false);
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return of_first_rank(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  };
  double before = 0.0;
  Index done = 0, size = kFirst * of_first_rank(current_threads());
  while (done < n && !must_write_now()) {
    const Index end = std::min(n, done + size);
    try {
      part(done, end);
    } catch (const InvalidInput& refusal) {
      // A row is counted from the beginning of its part.
      if (done == 0) throw;
      throw InvalidInput("of the rows from " + std::to_string(done + 1) + " on", refusal.what());
    }
    done = end;
    const double now = seconds();
    Progress progress;
    progress.phase = what + ", " + of_all(done, n);
    progress.fraction = static_cast<double>(done) / static_cast<double>(n);
    progress.seconds = now;
    line.show(progress);
    // Twice the rows, or half of them, until a part takes about the time that it should.
    if (now - before < 0.5 * kSeconds) size *= 2;
    if (now - before > 2.0 * kSeconds) size = std::max(kFewest, size / 2);
    before = now;
  }
  line.clear();
  if (done < n) {
    print_notes({what + ": " + (are_kept ? interruption(done, n) : "interrupted, not written")},
                run.quiet);
  }
  return done;
}

namespace {

constexpr const char* kMoving = "moving points";

// Rows from number `first` of the cloud on.
Points moved(const TransportPlan& plan, bool maps, Direction direction, const RandomStream& stream,
             ConstPoints rows, Index first) {
  return maps ? plan.map(rows, direction) : plan.sample(rows, direction, stream, first);
}

}  // namespace

Index move_points(const TransportPlan& plan, bool maps, Direction direction,
                  const RandomStream& stream, const RunOptions& run, Cloud& cloud) {
  Points all(cloud.points.rows(), cloud.points.cols());
  const Index done = for_parts(all.rows(), kMoving, run, [&](Index begin, Index end) {
    all.middleRows(begin, end - begin) =
        moved(plan, maps, direction, stream, cloud.points.middleRows(begin, end - begin), begin);
  });
  if (done < all.rows()) cloud = first_rows(cloud, done);
  cloud.points = all.topRows(done);
  return done;
}

Index move_rows(const TransportPlan& plan, bool maps, Direction direction,
                const RandomStream& stream, const RunOptions& run, const NpyRowReader& from,
                NpyRowWriter& to) {
  constexpr Index kMost = 1 << 18;  // rows in memory: what a plan moves in no time may be many
  return for_parts(from.rows(), kMoving, run, [&](Index part_begin, Index part_end) {
    for (Index begin = part_begin; begin < part_end; begin += kMost) {
      const Points rows = from.read(begin, std::min(part_end, begin + kMost));
      to.append(moved(plan, maps, direction, stream, rows, begin));
    }
  });
}

}  // namespace otbridge::cli
