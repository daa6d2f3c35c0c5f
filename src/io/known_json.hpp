// Known problems in JSON: the "known" object of a problem file.
#pragma once

#include <string>
#include <vector>

#include "otbridge/io/json_fwd.hpp"
#include "otbridge/io/problem_json.hpp"

namespace otbridge {

// The types, with their keys beside "type": the published schema is tested against them.
struct KnownForm {
  std::string type;
  std::vector<std::string> keys;
};
const std::vector<KnownForm>& known_forms();

// Relative paths are relative to folder. Throws InvalidInput as law_from_json does.
KnownProblem known_from_json(const JsonPlace& place, const std::string& folder);

}  // namespace otbridge
