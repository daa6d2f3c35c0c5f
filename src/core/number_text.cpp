#include "otbridge/core/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace otbridge {

std::string number_text(double value) {
  // The shortest text of a double takes at most 24 characters; to_chars knows no locale.
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

std::string plain_number(double value, int digits) {
  // Rounded to so many digits, then written as short as that reads back.
  std::array<char, 40> buffer{};
  char* const begin = buffer.data();
  char* const limit = begin + buffer.size();
  auto end = std::to_chars(begin, limit, value, std::chars_format::scientific, digits - 1).ptr;
  double rounded = value;
  std::from_chars(begin, end, rounded);
  const double size = std::abs(rounded);
  const bool written_out = size == 0.0 || (size >= 1e-3 && size < 1e5);
  end = std::to_chars(begin, limit, rounded,
                      written_out ? std::chars_format::fixed : std::chars_format::scientific)
            .ptr;
  std::string text(begin, end);
  // "4.5e+06" to "4.5e6", "8e-07" to "8e-7".
  if (const auto e = text.find('e'); e != std::string::npos) {
    if (text[e + 1] == '+') text.erase(e + 1, 1);
    const auto zero = text.find_first_of("0123456789", e);
    if (text[zero] == '0') text.erase(zero, 1);
  }
  return text;
}

}  // namespace otbridge
