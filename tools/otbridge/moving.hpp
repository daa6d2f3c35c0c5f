// Moving points with a plan for a command: part by part, so that a line of progress moves and an
// interrupt keeps what is there. A row is moved alike in any part
// (otbridge/plan/transport_plan.hpp).
#pragma once

#include <functional>

#include "options.hpp"
#include "otbridge/io/cloud.hpp"
#include "otbridge/io/npy_rows.hpp"
#include "otbridge/plan/transport_plan.hpp"

namespace otbridge::cli {

// Calls part(begin, end) for rows [0, n) in ascending parts, each of them a few times a second, and
// shows `what`, as "moving points". Returns the number of rows done: all, or fewer after a signal,
// with a note of it; what then comes of them: "the first 3 of 8 are kept" unless they are not.
Index for_parts(Index n, const std::string& what, const RunOptions& run,
                const std::function<void(Index begin, Index end)>& part, bool are_kept = true);

// "interrupted, the first 3 of 8 are kept"
std::string interruption(Index done, Index n);

// What is kept of a cloud whose first rows alone were moved.
Cloud first_rows(const Cloud& cloud, Index count);

// The cloud's points to where the plan maps them, or draws them. Returns the number of rows done;
// the cloud is left with those.
Index move_points(const TransportPlan& plan, bool maps, Direction direction,
                  const RandomStream& stream, const RunOptions& run, Cloud& cloud);

// The same of points in files, of which few rows at a time are in memory.
Index move_rows(const TransportPlan& plan, bool maps, Direction direction,
                const RandomStream& stream, const RunOptions& run, const NpyRowReader& from,
                NpyRowWriter& to);

}  // namespace otbridge::cli
