#include "otbridge/core/number_text.hpp"

#include <array>
#include <charconv>

namespace otbridge {

std::string number_text(double value) {
  // The shortest text of a double takes at most 24 characters; to_chars knows no locale.
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

}  // namespace otbridge
