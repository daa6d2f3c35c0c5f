// Texts as UTF-8, whatever bytes they came as.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace otbridge {

// Bytes of the character at the start of a text that is not empty, if it is well-formed (RFC 3629,
// table 3-7 of Unicode), else 0.
std::size_t utf8_size(std::string_view text);

// UTF-8 as it is, other bytes as ISO 8859-1, in which every byte stands for a character.
std::string as_utf8(std::string text);

}  // namespace otbridge
