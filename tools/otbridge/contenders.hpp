// The solvers of a command that runs several: --solvers and --set SOLVER.KEY=VALUE.
#pragma once

#include <string>
#include <vector>

#include "job.hpp"
#include "otbridge/metrics/comparison.hpp"

namespace otbridge::cli {

// Those that answer a problem as it is asked, with its epsilon, separated by commas.
std::string default_solvers();

// Those that answer this problem in seconds, separated by commas: by the points that a solver meets
// and their dimension (docs/cli.md has the times). Networks are trained for minutes,
// and are for those who ask.
std::string quick_solvers(const Job& job);

// With the settings given for each, in the order of the list, which is that of rows and panels.
// Throws UsageError naming the flag that is wrong.
std::vector<Contender> chosen_contenders(const std::string& solvers,
                                         const std::vector<std::string>& set);

}  // namespace otbridge::cli
