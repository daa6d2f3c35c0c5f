// SHA-256 (FIPS 180-4): checksums of files that a result was made of.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace otbridge {

// The digest, first byte first. O(n).
std::array<std::uint8_t, 32> sha256(std::string_view bytes);

// As sha256sum prints it: 64 digits of base 16.
std::string sha256_text(std::string_view bytes);

}  // namespace otbridge
