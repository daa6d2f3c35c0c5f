// Reports as JSON, with the keys of docs/cli.md; what a solver cannot give is null.
#pragma once

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/solve/report.hpp"

namespace otbridge {

Json report_to_json(const SolveReport& report);

}  // namespace otbridge
