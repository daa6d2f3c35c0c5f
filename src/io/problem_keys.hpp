// The keys that problems may have in JSON; the published schema is tested against these.
#pragma once

#include <string>
#include <vector>

namespace otbridge {

std::vector<std::string> problem_keys();
std::vector<std::string> reference_keys();

}  // namespace otbridge
