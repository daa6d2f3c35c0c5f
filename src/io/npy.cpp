#include <cctype>
#include <cmath>
#include <cstdint>
#include <optional>

#include "io/byte_order.hpp"
#include "io/cloud_text.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

// Of the dictionary, in bytes; those of real arrays stay below 200.
constexpr std::size_t kLongestNpyHeader = 65536;

struct NpyHeader {
  char kind = 0;          // f, i, u
  std::size_t width = 0;  // bytes of a number
  bool big_endian = false, fortran_order = false;
  std::vector<std::uint64_t> shape;
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
        if (accept('[')) fail_structured();
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

  // A table of records, of which no reader can say what is a coordinate: [('x', '<f4'), ...].
  [[noreturn]] void fail_structured() {
    constexpr std::size_t kMost = 12;
    std::string fields;
    for (std::size_t k = 0; accept('(') && k <= kMost; ++k) {
      fields += (k > 0 ? ", " : "") + (k < kMost ? quoted().substr(0, 40) : "...");
      // Past the type of the field, which may itself be a table or have a shape.
      for (int depth = 1; depth > 0 && at_ < text_.size(); ++at_) {
        if (text_[at_] == '(') ++depth;
        if (text_[at_] == ')') --depth;
      }
      accept(',');
    }
    throw InvalidInput(name_, "is a structured array with fields " + fields +
                                  "; save a plain (n, d) array of its coordinates");
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
  void read_type(const std::string& type, NpyHeader& header) const {
    // Complex numbers, texts and objects are not coordinates; half precision is not read.
    const std::string kinds = "fiu", widths = "1248";
    if (type.size() != 3 || std::string("<>|=").find(type[0]) == std::string::npos ||
        kinds.find(type[1]) == std::string::npos || widths.find(type[2]) == std::string::npos ||
        (type[1] == 'f' && type[2] < '4')) {
      fail("descr '" + type.substr(0, 20) +
           "' must be a number type: f4, f8, i1 to i8 or u1 to u8");
    }
    header.big_endian = type[0] == '>';
    header.kind = type[1];
    header.width = static_cast<std::size_t>(type[2] - '0');
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
};

using Reader = double (*)(const char*, bool);

Reader reader_of(const NpyHeader& h) {
  // Floats by their width, signed integers from 10, unsigned ones from 20.
  switch (h.kind == 'f' ? h.width : h.kind == 'i' ? 10 + h.width : 20 + h.width) {
    case 4:
      return as_double<float>;
    case 8:
      return as_double<double>;
    case 11:
      return as_double<std::int8_t>;
    case 12:
      return as_double<std::int16_t>;
    case 14:
      return as_double<std::int32_t>;
    case 18:
      return as_double<std::int64_t>;
    case 21:
      return as_double<std::uint8_t>;
    case 22:
      return as_double<std::uint16_t>;
    case 24:
      return as_double<std::uint32_t>;
    default:
      return as_double<std::uint64_t>;
  }
}

}  // namespace

Cloud parse_npy(const std::string& bytes, const std::string& name) {
  const std::string_view magic("\x93NUMPY", 6);
  // Six bytes of magic, two of version, two of length.
  if (bytes.size() < 10 || !std::string_view(bytes).starts_with(magic)) {
    throw InvalidInput(name, "is not an NPY file");
  }
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
  const NpyHeader header =
      HeaderParser(std::string_view(bytes).substr(prefix, length), name).parse();
  // (n,) is n points on the line.
  if (header.shape.empty() || header.shape.size() > 2) {
    throw InvalidInput(name, "must have one or two dimensions, (n,) or (n, d); it has " +
                                 std::to_string(header.shape.size()));
  }
  const std::uint64_t n = header.shape[0], d = header.shape.size() == 2 ? header.shape[1] : 1;
  if (n == 0) throw InvalidInput(name, "has 0 points");
  if (d == 0) throw InvalidInput(name, "has dimension 0");
  // Divided, not multiplied: n d width may overflow in a header that lies.
  const std::uint64_t available = (bytes.size() - prefix - length) / header.width;
  if (n > available || d > available / n ||
      (bytes.size() - prefix - length) != n * d * header.width) {
    throw InvalidInput(name, "claims " + std::to_string(n) + " x " + std::to_string(d) +
                                 " numbers of " + std::to_string(header.width) + " bytes, but " +
                                 std::to_string(bytes.size() - prefix - length) + " bytes follow");
  }
  Cloud cloud;
  cloud.points.resize(static_cast<Index>(n), static_cast<Index>(d));
  const Reader read = reader_of(header);
  const char* data = bytes.data() + prefix + length;
  for (std::uint64_t i = 0; i < n; ++i) {
    for (std::uint64_t c = 0; c < d; ++c) {
      // Column by column in Fortran order.
      const std::uint64_t k = header.fortran_order ? c * n + i : i * d + c;
      cloud.points(static_cast<Index>(i), static_cast<Index>(c)) =
          read(data + k * header.width, header.big_endian);
    }
  }
  // Rows are counted from 0, as in NumPy.
  check_cloud(cloud, name, "row", 0);
  return cloud;
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
