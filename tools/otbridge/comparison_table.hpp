// A comparison as a table of text, with what its rows could not say in lines below.
#pragma once

#include <string>

#include "otbridge/metrics/comparison.hpp"

namespace otbridge::cli {

std::string comparison_table(const Comparison& comparison);

}  // namespace otbridge::cli
