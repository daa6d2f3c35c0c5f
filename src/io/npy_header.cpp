#include "io/npy_header.hpp"

#include <cctype>
#include <functional>

#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

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

  // A field of records; number is empty for what is no real number: a text, a date, a truth, a
  // table within the record, bytes without meaning.
  struct FieldWords {
    std::string name;
    std::optional<ScalarType> number;
    bool big_endian = false;
    std::uint64_t width = 0, count = 1;  // bytes of one, how many stand in the record
  };

  // A table of records, its bracket open: [('x', '<f4'), ('normal', '<f4', (3,)), ('', '|V4')].
  void each_field(int depth, const std::function<void(const FieldWords&)>& take) {
    constexpr int kMostNested = 16;
    if (depth > kMostNested) fail("records are nested more than 16 times");
    while (!accept(']')) {
      expect('(');
      FieldWords field;
      field.name = accept('(') ? titled() : quoted();
      expect(',');
      if (accept('[')) {
        each_field(depth + 1,
                   [&](const FieldWords& part) { field.width += part.width * part.count; });
      } else {
        const std::string type = quoted();
        field.number = number_type(type);
        field.big_endian = type.starts_with('>');
        field.width = field.number ? to_size(field.number->width) : width_of(type);
      }
      if (accept(',')) {
        for (const std::uint64_t size : shape()) field.count = bounded(field.count * bounded(size));
      }
      if (field.width * field.count > kLongestNpyHeader)
        fail("a field has more than 64 KiB in each record");
      take(field);
      expect(')');
      if (!accept(',')) {
        expect(']');
        break;
      }
    }
  }
  // Products of two stay within 64 bits.
  static std::uint64_t bounded(std::uint64_t size) {
    return std::min<std::uint64_t>(size, std::uint64_t{1} << 30);
  }

  void read_fields(NpyHeader& header) {
    constexpr std::uint64_t kMostNumbers = 1000;  // of an item
    header.structured = true;
    each_field(0, [&](const FieldWords& field) {
      if (!field.number) {
        header.width += field.width * field.count;
        if (!field.name.empty()) header.others.push_back(field.name.substr(0, 40));
        return;
      }
      if (field.count > kMostNumbers || header.fields.size() > kMostNumbers)
        fail("an item has more than 1000 numbers");
      for (std::uint64_t c = 0; c < field.count; ++c, header.width += field.width) {
        const std::string name =
            field.count > 1 ? field.name + "_" + std::to_string(c) : field.name;
        header.fields.push_back({{name, *field.number}, header.width, field.big_endian});
      }
    });
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

  // Bytes of a number; of a text (S, U of four bytes a letter), of bytes without meaning (V), of a
  // truth (b); of dates and spans of time (M8[ns], m8[us]), complex numbers (c), and floats of more
  // than eight bytes.
  std::uint64_t width_of(std::string type) const {
    if (type.starts_with("|O")) fail("a field holds Python objects, which are not read");
    if (const auto unit = type.find('[');
        type.size() > 3 && unit == 3 && type.back() == ']' && (type[1] == 'M' || type[1] == 'm')) {
      type.resize(unit);
    }
    const bool known = type.size() > 2 && type.size() < 9 &&
                       std::string("<>|=").find(type[0]) != std::string::npos &&
                       std::string("SUVbMmcfiu").find(type[1]) != std::string::npos &&
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
      if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // a long of Python 2
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

}  // namespace

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

std::optional<std::vector<std::uint64_t>> plain_npy_shape(std::string_view bytes) {
  try {
    const NpyHeader header = open_npy(bytes, "").header;
    return header.structured ? std::nullopt : std::optional(header.shape);
  } catch (const InvalidInput&) {
    return std::nullopt;
  }
}

}  // namespace otbridge
