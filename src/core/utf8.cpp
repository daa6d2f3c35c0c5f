#include "core/utf8.hpp"

namespace otbridge {

std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead < 0x80                   ? 1
                           : lead >= 0xc2 && lead < 0xe0 ? 2
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t k = 1; k < size; ++k) {
    if ((byte(k) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) >= 0xa0) ||
      (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) >= 0x90)) {
    return 0;
  }
  return size;
}

std::string as_utf8(std::string text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t size = utf8_size(std::string_view(text).substr(at));
    if (size == 0) break;
    at += size;
  }
  if (at == text.size()) return text;
  std::string letters;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      letters += c;
    } else {
      letters += static_cast<char>(0xc0 | byte >> 6U);
      letters += static_cast<char>(0x80 | (byte & 0x3fU));
    }
  }
  return letters;
}

}  // namespace otbridge
