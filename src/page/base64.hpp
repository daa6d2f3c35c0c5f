// Base64 (RFC 4648): bytes within text.
#pragma once

#include <string>
#include <string_view>

namespace otbridge {

// With padding. O(n).
std::string base64(std::string_view bytes);

}  // namespace otbridge
