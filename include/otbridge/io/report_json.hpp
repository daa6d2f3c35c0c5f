// Reports as JSON, with the keys of docs/cli.md; what a solver cannot give is null.
#pragma once

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/problem/problem.hpp"
#include "otbridge/solve/report.hpp"

namespace otbridge {

// solved: else the report is of a plan file, which keeps no times, threads and kernels: null then.
Json report_to_json(const SolveReport& report, bool solved = true);

// What of a report outlasts its run, for plan files: why it stopped, values, errors, seed, draws
// and notes. Times, threads and the trace differ between runs that end in the same plan; solver and
// problem stand beside it in the file.
Json lasting_report(const SolveReport& report);
// Its inverse, with the solver and the problem it was of. Throws InvalidInput naming the key.
SolveReport report_from_json(const JsonPlace& place, std::string_view solver,
                             const TransportProblem& problem);

}  // namespace otbridge
