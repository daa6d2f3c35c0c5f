// Numbers in the bytes of a file, in either byte order.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "otbridge/io/cloud.hpp"

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

// IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. Every one is a double.
inline double half_as_double(const char* bytes, bool big_endian) {
  const unsigned bits = read_as<std::uint16_t>(bytes, big_endian);
  const int exponent = static_cast<int>(bits >> 10 & 31U);
  const double fraction = bits & 1023U;
  const double size = exponent == 0    ? std::ldexp(fraction, -24)
                      : exponent == 31 ? (fraction > 0 ? std::numeric_limits<double>::quiet_NaN()
                                                       : std::numeric_limits<double>::infinity())
                                       : std::ldexp(1024 + fraction, exponent - 25);
  return bits >> 15 != 0 ? -size : size;
}

using NumberReader = double (*)(const char*, bool);

// Null for a type that there is not.
inline NumberReader reader_of(ScalarType type) {
  switch (type.kind) {
    case 'f':
      return type.width == 2   ? half_as_double
             : type.width == 4 ? as_double<float>
             : type.width == 8 ? as_double<double>
                               : nullptr;
    case 'i':
      return type.width == 1   ? as_double<std::int8_t>
             : type.width == 2 ? as_double<std::int16_t>
             : type.width == 4 ? as_double<std::int32_t>
             : type.width == 8 ? as_double<std::int64_t>
                               : nullptr;
    case 'u':
      return type.width == 1   ? as_double<std::uint8_t>
             : type.width == 2 ? as_double<std::uint16_t>
             : type.width == 4 ? as_double<std::uint32_t>
             : type.width == 8 ? as_double<std::uint64_t>
                               : nullptr;
    default:
      return nullptr;
  }
}

template <class T>
void append_raw(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace otbridge
