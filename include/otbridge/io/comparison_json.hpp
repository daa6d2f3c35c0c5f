// Comparisons as JSON, with the keys of docs/cli.md; what a solver cannot give is null.
#pragma once

#include <string>

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/metrics/comparison.hpp"

namespace otbridge {

// The labels name the laws to the reader: "moons@torchcfm", "scan.ply".
Json comparison_to_json(const Comparison& comparison, const std::string& source_label,
                        const std::string& target_label);

}  // namespace otbridge
