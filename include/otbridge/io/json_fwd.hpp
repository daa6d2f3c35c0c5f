// The name of JSON, for headers that only pass it on: reading <nlohmann/json.hpp> costs seconds.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace otbridge {

using Json = nlohmann::ordered_json;  // keys stay in the order in which they are written
class JsonPlace;                      // otbridge/io/json.hpp

}  // namespace otbridge
