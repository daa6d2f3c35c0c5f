#include <cmath>
#include <cstdint>
#include <optional>

#include "io/cloud_text.hpp"
#include "io/npy_header.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

// Refuses a shape that does not fit the bytes, before anything is allocated.
void check_size(const NpyArray& array, std::uint64_t n, std::uint64_t d, const std::string& name) {
  if (n == 0) throw InvalidInput(name, "has 0 points");
  if (d == 0) throw InvalidInput(name, "has dimension 0");
  // Divided, not multiplied: n d width may overflow in a header that lies.
  const std::size_t width = array.header.width;
  const std::uint64_t available = array.data.size() / width;
  if (n > available || d > available / n || array.data.size() != n * d * width) {
    throw InvalidInput(name, "claims " + std::to_string(n) + " x " + std::to_string(d) +
                                 (array.header.structured ? " records of " : " numbers of ") +
                                 std::to_string(width) + " bytes, but " +
                                 std::to_string(array.data.size()) + " bytes follow");
  }
}

Cloud read_table(const NpyArray& array, const ReadOptions& options, const std::string& name) {
  const NpyHeader& header = array.header;
  if (header.shape.size() != 1) {
    throw InvalidInput(name, "is a structured array of " + std::to_string(header.shape.size()) +
                                 " dimensions; it must have one, (n,)");
  }
  check_size(array, header.shape[0], 1, name);
  Cloud cloud = read_records(array.data.data(), static_cast<Index>(header.shape[0]), header.width,
                             header.fields, options, name, "row");
  cloud.ignored = header.others;
  if (!cloud.ignored.empty()) cloud.notes = {summary_of(cloud, name)};
  return cloud;
}

Points read_matrix(const NpyArray& array, const std::string& name) {
  const NpyHeader& header = array.header;
  if (header.structured) throw InvalidInput(name, "is a structured array; it must hold numbers");
  // (n,) is n points on the line.
  if (header.shape.empty() || header.shape.size() > 2) {
    throw InvalidInput(name, "must have one or two dimensions, (n,) or (n, d); it has " +
                                 std::to_string(header.shape.size()));
  }
  const std::uint64_t n = header.shape[0], d = header.shape.size() == 2 ? header.shape[1] : 1;
  check_size(array, n, d, name);
  Points points(static_cast<Index>(n), static_cast<Index>(d));
  for (std::uint64_t i = 0; i < n; ++i) {
    for (std::uint64_t c = 0; c < d; ++c) {
      // Column by column in Fortran order.
      points(static_cast<Index>(i), static_cast<Index>(c)) =
          array.number(header.fortran_order ? c * n + i : i * d + c);
    }
  }
  return points;
}

// (T, n, d), the slowest axis first; the fastest in Fortran order.
std::vector<Points> read_slices(const NpyArray& array, const std::string& name) {
  const std::uint64_t count = array.header.shape[0], n = array.header.shape[1],
                      d = array.header.shape[2];
  if (count == 0) throw InvalidInput(name, "has 0 times");
  if (n == 0) throw InvalidInput(name, "has 0 points");
  // Together they are rows of n d numbers, whose product may overflow in a header that lies.
  if (d > array.data.size() / n) {
    throw InvalidInput(name, "claims " + std::to_string(n) + " points of dimension " +
                                 std::to_string(d) + " at each time, but " +
                                 std::to_string(array.data.size()) + " bytes follow");
  }
  check_size(array, count, n * d, name);
  std::vector<Points> slices;
  for (std::uint64_t t = 0; t < count; ++t) {
    Points& slice = slices.emplace_back(static_cast<Index>(n), static_cast<Index>(d));
    for (std::uint64_t i = 0; i < n; ++i) {
      for (std::uint64_t c = 0; c < d; ++c) {
        const double value = array.number(array.header.fortran_order ? (c * n + i) * count + t
                                                                     : (t * n + i) * d + c);
        if (!std::isfinite(value)) {
          throw InvalidInput(name + ": time " + std::to_string(t) + ", row " + std::to_string(i) +
                                 ", coordinate " + std::to_string(c),
                             "must be finite");
        }
        slice(static_cast<Index>(i), static_cast<Index>(c)) = value;
      }
    }
  }
  return slices;
}

}  // namespace

Points parse_npy_matrix(std::string_view bytes, const std::string& name) {
  return read_matrix(open_npy(bytes, name), name);
}

Cloud parse_npy(const std::string& bytes, const std::string& name, const ReadOptions& options) {
  const NpyArray array = open_npy(bytes, name);
  if (array.header.structured) return read_table(array, options, name);
  // Rows are counted from 0, as in NumPy.
  return cloud_of_columns(read_matrix(array, name), options, name);
}

std::optional<std::vector<Points>> parse_npy_slices(const std::string& bytes,
                                                    const std::string& name) {
  const NpyArray array = open_npy(bytes, name);
  if (array.header.structured || array.header.shape.size() != 3) return std::nullopt;
  return read_slices(array, name);
}

std::string encode_npy(const std::vector<Index>& shape, std::span<const double> values) {
  std::string sizes;
  for (const Index size : shape) sizes += std::to_string(size) + ", ";
  // Python writes (n,) and (n, d): one size keeps its comma.
  if (shape.size() > 1) sizes.resize(sizes.size() - 2);
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + sizes + "), }";
  // The data start at a multiple of 64 bytes, so that they can be mapped into memory.
  constexpr std::size_t kAlignment = 64, kPrefix = 10;
  header.append(kAlignment - (kPrefix + header.size() + 1) % kAlignment, ' ');
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  return bytes;
}

}  // namespace otbridge
