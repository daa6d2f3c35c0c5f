// The keys that laws and problems may have in JSON; the published schema is tested against these.
#pragma once

#include <string>
#include <vector>

namespace otbridge {

std::vector<std::string> law_types();
std::vector<std::string> law_keys(const std::string& type);  // empty for an unknown type
std::vector<std::string> transform_keys();
std::vector<std::string> problem_keys();
std::vector<std::string> reference_keys();

}  // namespace otbridge
