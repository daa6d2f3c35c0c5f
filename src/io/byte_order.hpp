// Numbers in the bytes of a file, in either byte order.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace otbridge {

template <class T>
T read_as(const char* bytes, bool big_endian) {
  std::array<char, sizeof(T)> raw;
  std::memcpy(raw.data(), bytes, sizeof(T));
  if (big_endian != (std::endian::native == std::endian::big)) std::ranges::reverse(raw);
  return std::bit_cast<T>(raw);
}

// 64-bit integers beyond 2^53 are rounded to the nearest double.
template <class T>
double as_double(const char* bytes, bool big_endian) {
  return static_cast<double>(read_as<T>(bytes, big_endian));
}

}  // namespace otbridge
