#include <cctype>
#include <cmath>
#include <cstdint>
#include <optional>

#include "io/byte_order.hpp"
#include "io/cloud_text.hpp"
#include "io/record_cloud.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

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

// The header is a Python dictionary of three known keys; anything else is refused.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  // Each key once, in any order; Python leaves a comma before the brace.
  NpyHeader parse() {
    NpyHeader header;
    bool has_type = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !has_type) {
        if (accept('['))
          read_fields(header);
        else
          read_type(quoted(), header);
        has_type = true;
      } else if (key == "fortran_order" && !has_order) {
        header.fortran_order = boolean();
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        header.shape = shape();
        has_shape = true;
      } else {
        fail("key \"" + key + "\" is unknown or given twice");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip();
    if (at_ != text_.size()) fail("there is more after the dictionary");
    if (!has_type || !has_order || !has_shape) fail("descr, fortran_order and shape must be there");
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InvalidInput(name_ + ": NPY header", what);
  }

  // A table of records: [('x', '<f4'), ('normal', '<f4', (3,)), ('', '|V4')].
  void read_fields(NpyHeader& header) {
    header.structured = true;
    while (!accept(']')) {
      expect('(');
      const std::string field = accept('(') ? titled() : quoted();
      expect(',');
      if (accept('[')) fail("field \"" + field.substr(0, 40) + "\" is a table itself");
      const std::string type = quoted();
      std::uint64_t count = 1;
      if (accept(',')) {
        for (const std::uint64_t size : shape())
          count =
              std::min<std::uint64_t>(count * std::min<std::uint64_t>(size, 1 << 20), 1ULL << 40);
      }
      expect(')');
      add_field(header, field, type, count);
      if (!accept(',')) {
        expect(']');
        break;
      }
    }
    if (header.width == 0) fail("a structured array has no fields");
  }

  // ('title', 'name') in place of a name.
  std::string titled() {
    quoted();
    expect(',');
    std::string name = quoted();
    expect(')');
    return name;
  }

  void add_field(NpyHeader& header, const std::string& field, const std::string& type,
                 std::uint64_t count) {
    constexpr std::uint64_t kMostNumbers = 1000;  // of an item
    const auto number = number_type(type);
    const std::uint64_t width = number ? to_size(number->width) : width_of(type);
    if (count > kMostNumbers || header.fields.size() > kMostNumbers || width > kLongestNpyHeader)
      fail("an item has more than 1000 numbers, or a text of more than 64 KiB");
    for (std::uint64_t c = 0; c < count; ++c, header.width += width) {
      if (!number) continue;
      const std::string name = count > 1 ? field + "_" + std::to_string(c) : field;
      header.fields.push_back({{name, *number}, header.width, type[0] == '>'});
    }
    if (!number && !field.empty()) header.others.push_back(field.substr(0, 40));
  }

  // Bytes of a text (S, U of four bytes a letter), of bytes without meaning (V), of a truth (b).
  std::uint64_t width_of(const std::string& type) const {
    const std::size_t digits = std::min<std::size_t>(type.find_first_of("0123456789"), type.size());
    const bool known = type.size() > 2 && type.size() < 9 && digits == 2 &&
                       std::string("SUVb").find(type[1]) != std::string::npos &&
                       type.find_first_not_of("0123456789", 2) == std::string::npos;
    if (!known) fail("descr '" + type.substr(0, 20) + "' is of an unknown size");
    return std::stoull(type.substr(2)) * (type[1] == 'U' ? 4 : 1);
  }

  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool accept(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("'") + c + "' expected at byte " + std::to_string(at_));
  }
  // Python quotes either way, and escapes nothing in these keys.
  std::string quoted() {
    skip();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote != '\'' && quote != '"')
      fail("a quoted text expected at byte " + std::to_string(at_));
    const auto end = text_.find(quote, at_ + 1);
    if (end == text_.npos) fail("a text is not closed");
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    skip();
    for (const auto& [word, value] : {std::pair{"True", true}, std::pair{"False", false}}) {
      if (text_.substr(at_).starts_with(word)) {
        at_ += std::string_view(word).size();
        return value;
      }
    }
    fail("fortran_order must be True or False");
  }
  std::vector<std::uint64_t> shape() {
    std::vector<std::uint64_t> sizes;
    expect('(');
    while (!accept(')')) {
      skip();
      std::uint64_t size = 0;
      const std::size_t begin = at_;
      for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_) {
        // 19 digits fit in 64 bits; a size that large never fits in a file.
        if (at_ - begin > 18) fail("a size of the shape has too many digits");
        size = 10 * size + static_cast<std::uint64_t>(text_[at_] - '0');
      }
      if (at_ == begin) fail("the shape must hold whole numbers >= 0");
      sizes.push_back(size);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return sizes;
  }
  static std::optional<ScalarType> number_type(const std::string& type) {
    if (type.size() != 3 || std::string("<>|=").find(type[0]) == std::string::npos ||
        std::string("fiu").find(type[1]) == std::string::npos) {
      return std::nullopt;
    }
    const ScalarType number{type[1], type[2] - '0'};
    return reader_of(number) == nullptr ? std::nullopt : std::optional(number);
  }

  void read_type(const std::string& type, NpyHeader& header) const {
    const auto number = number_type(type);
    // Complex numbers, texts and objects are no coordinates.
    if (!number) {
      fail("descr '" + type.substr(0, 20) +
           "' must be a number type: f2, f4, f8, i1 to i8 or u1 to u8");
    }
    header.big_endian = type[0] == '>';
    header.type = *number;
    header.width = to_size(number->width);
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
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

NpyArray open_npy(std::string_view bytes, const std::string& name) {
  const std::string_view magic("\x93NUMPY", 6);
  // Six bytes of magic, two of version, two of length.
  if (bytes.size() < 10 || !bytes.starts_with(magic))
    throw InvalidInput(name, "is not an NPY file");
  // Version 1 holds the header's length in two bytes, 2 and 3 in four; all are little-endian.
  const int version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3)
    throw InvalidInput(name, "has an NPY version other than 1, 2 or 3");
  const std::size_t prefix = version == 1 ? 10 : 12;
  if (bytes.size() < prefix) throw InvalidInput(name, "ends within its header");
  const std::size_t length = version == 1 ? read_as<std::uint16_t>(&bytes[8], false)
                                          : read_as<std::uint32_t>(&bytes[8], false);
  if (length > kLongestNpyHeader) throw InvalidInput(name, "claims a header longer than 64 KiB");
  if (bytes.size() - prefix < length) throw InvalidInput(name, "ends within its header");
  return {HeaderParser(bytes.substr(prefix, length), name).parse(), bytes.substr(prefix + length)};
}

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
