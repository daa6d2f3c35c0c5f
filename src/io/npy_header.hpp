// The header of an NPY file, and where its numbers lie.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/byte_order.hpp"
#include "io/record_cloud.hpp"

namespace otbridge {

// Of the dictionary, in bytes; those of real arrays stay below 200.
constexpr std::size_t kLongestNpyHeader = 65536;

struct NpyHeader {
  ScalarType type;
  bool big_endian = false, fortran_order = false;
  std::vector<std::uint64_t> shape;
  bool structured = false;  // its items are records
  std::vector<StoredField> fields;
  std::vector<std::string> others;  // fields that are no numbers
  std::size_t width = 0;            // bytes of an item
};

// An array as it lies in a file.
struct NpyArray {
  NpyHeader header;
  std::string_view data;

  // The k-th of the file, of an array that is no table.
  double number(std::uint64_t k) const {
    return reader_of(header.type)(data.data() + k * header.width, header.big_endian);
  }
};

// bytes outlive the array. Throws InvalidInput for anything but an NPY file of numbers or records.
NpyArray open_npy(std::string_view bytes, const std::string& name);

// The shape of a plain array of numbers by the first kNpyHead bytes of its file; empty for what is
// none, whatever the reason.
constexpr std::size_t kNpyHead = 12 + kLongestNpyHeader;
std::optional<std::vector<std::uint64_t>> plain_npy_shape(std::string_view bytes);

}  // namespace otbridge
