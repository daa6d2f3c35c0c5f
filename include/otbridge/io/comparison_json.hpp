// Comparisons as JSON, with the keys of docs/cli.md; what a solver cannot give is null.
#pragma once

#include <span>
#include <string>

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/metrics/comparison.hpp"

namespace otbridge {

// The labels name the laws to the reader: "moons@torchcfm", "scan.ply". Of several comparisons,
// one for each epsilon: the rows of all, and in place of the epsilon of the problem and of the
// truth the list of them. Epsilon is null where it enters no answer.
Json comparison_to_json(std::span<const Comparison> grid, const std::string& source_label,
                        const std::string& target_label);

}  // namespace otbridge
