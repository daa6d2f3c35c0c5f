// Pictures of a comparison, and of several of one problem, one for each epsilon.
#pragma once

#include <span>
#include <string>

#include "job.hpp"
#include "otbridge/metrics/comparison.hpp"

namespace otbridge::cli {

// One panel per row that has an answer, all on the same axes: the truth first, or where it is not
// known fresh draws of the target, which stand for it in every panel.
std::string comparison_picture(const Job& job, const RunOptions& run, const Comparison& comparison);

// What the rows score against epsilon, a panel for each measure.
std::string epsilons_picture(const Job& job, const RunOptions& run,
                             std::span<const Comparison> grid);

}  // namespace otbridge::cli
