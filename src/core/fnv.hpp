// FNV-1a, 64 bits: finds damage and differences, not malice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "otbridge/core/points.hpp"

namespace otbridge {

class Fnv {
 public:
  void take(std::string_view bytes) {
    for (const char c : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  // Its bytes, row by row; the shape is the caller's to take.
  template <class Array>
  void take_numbers(const Array& array) {
    take({reinterpret_cast<const char*>(array.data()), to_size(array.size()) * sizeof(double)});
  }
  std::string text() const { return std::to_string(hash_); }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

}  // namespace otbridge
