// The solvers of a command that runs several: --solvers and --set SOLVER.KEY=VALUE.
#pragma once

#include <string>
#include <vector>

#include "otbridge/metrics/comparison.hpp"

namespace otbridge::cli {

// Those that answer a problem as it is asked, with its epsilon, separated by commas.
std::string default_solvers();

// With the settings given for each, in the order of the list, which is that of rows and panels.
// Throws UsageError naming the flag that is wrong.
std::vector<Contender> chosen_contenders(const std::string& solvers,
                                         const std::vector<std::string>& set);

}  // namespace otbridge::cli
