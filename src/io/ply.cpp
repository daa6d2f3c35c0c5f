#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <sstream>

#include "io/byte_order.hpp"
#include "io/cloud_text.hpp"
#include "io/header_lines.hpp"
#include "io/record_cloud.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

enum class Encoding { ascii, little, big };

// Both spellings of the types: of 1994, and with widths.
std::optional<ScalarType> type_named(const std::string& name) {
  if (name == "char" || name == "int8") return ScalarType{'i', 1};
  if (name == "uchar" || name == "uint8") return ScalarType{'u', 1};
  if (name == "short" || name == "int16") return ScalarType{'i', 2};
  if (name == "ushort" || name == "uint16") return ScalarType{'u', 2};
  if (name == "int" || name == "int32") return ScalarType{'i', 4};
  if (name == "uint" || name == "uint32") return ScalarType{'u', 4};
  if (name == "float" || name == "float32") return ScalarType{'f', 4};
  if (name == "double" || name == "float64") return ScalarType{'f', 8};
  return std::nullopt;
}

// The older one, which every program reads; 64-bit integers, which there are not, become doubles.
const char* name_of(ScalarType type) {
  switch (type.width + (type.kind == 'f' ? 0 : type.kind == 'i' ? 10 : 20)) {
    case 4:
      return "float";
    case 11:
      return "char";
    case 12:
      return "short";
    case 14:
      return "int";
    case 21:
      return "uchar";
    case 22:
      return "ushort";
    case 24:
      return "uint";
    default:
      return "double";
  }
}

struct Property {
  std::string name;
  ScalarType type;
  std::optional<ScalarType> count;  // of a list property
};

struct Element {
  std::string name;
  std::uint64_t count = 0;
  std::vector<Property> properties;
};

struct PlyHeader {
  Encoding encoding = Encoding::ascii;
  std::vector<Element> elements;
  std::string axes;      // which alone are coordinates, the others being zeros that we wrote
  std::size_t size = 0;  // bytes up to the data
};

// Text in every encoding of the body. Limits and words are checked as they come.
class HeaderReader {
 public:
  HeaderReader(const std::string& bytes, const std::string& name)
      : name_(name),
        lines_(bytes, name, "the PLY header has no end_header",
               bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0) {}

  PlyHeader read() {
    if (lines_.next() != "ply") throw InvalidInput(name_, "is not a PLY file");
    PlyHeader header;
    bool has_format = false;
    // One line each: format, elements with their properties in order, comments.
    for (;;) {
      const std::string line = lines_.next();
      if (line.starts_with(kComment) && header.axes.empty())
        header.axes = padded_axes(line.substr(kComment.size()));
      std::istringstream words(line);
      std::string word;
      words >> word;
      if (word == "end_header") break;
      if (word == "format") {
        header.encoding = encoding(words);
        has_format = true;
      } else if (word == "element") {
        header.elements.push_back(element(words));
      } else if (word == "property") {
        if (header.elements.empty()) fail("a property stands before any element");
        header.elements.back().properties.push_back(property(words));
      } else if (word != "comment" && word != "obj_info") {
        fail("unknown word \"" + word.substr(0, 30) + "\"");
      }
    }
    if (!has_format) fail("there is no format line");
    header.size = lines_.at();
    return header;
  }

 private:
  static constexpr std::string_view kComment = "comment ";
  static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

  [[noreturn]] void fail(const std::string& what) const { lines_.fail(what); }

  // The only version there has been.
  Encoding encoding(std::istringstream& words) const {
    std::string format, version;
    words >> format >> version;
    if (version != "1.0") fail("the PLY version must be 1.0");
    if (format == "ascii") return Encoding::ascii;
    if (format == "binary_little_endian") return Encoding::little;
    if (format == "binary_big_endian") return Encoding::big;
    fail("the format must be ascii, binary_little_endian or binary_big_endian");
  }

  Element element(std::istringstream& words) const {
    std::string name, count;
    words >> name >> count;
    // 18 digits fit in 64 bits.
    const bool digits = !count.empty() && count.size() <= 18 &&
                        std::ranges::all_of(count, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits)
      fail("the count of element " + name.substr(0, 30) + " must be a whole number >= 0");
    return {name, std::stoull(count), {}};
  }

  Property property(std::istringstream& words) const {
    std::string type, name;
    words >> type;
    std::optional<ScalarType> count;
    if (type == "list") {
      std::string count_type;
      words >> count_type >> type;
      count = type_named(count_type);
      // A list of 2.5 entries has no length.
      if (!count || count_type.starts_with("float") || count_type == "double")
        fail("a list needs a count of whole type");
    }
    words >> name;
    const auto known = type_named(type);
    if (!known || name.empty()) fail("unknown property type \"" + type.substr(0, 30) + "\"");
    return {name, *known, count};
  }

  const std::string& name_;
  HeaderLines lines_;
};

// Hands out the numbers of the body one after another.
class Body {
 public:
  Body(const std::string& bytes, const PlyHeader& header, const std::string& name)
      : bytes_(bytes), name_(name), encoding_(header.encoding), at_(header.size) {}

  // In a binary file by the width of its type, in an ascii file by the next word.
  double next(ScalarType type) {
    if (encoding_ == Encoding::ascii) return next_word();
    return reader_of(type)(next_bytes(type), encoding_ == Encoding::big);
  }

  // To a field of a point.
  void next(ScalarType type, RecordCloud& cloud, Index point, std::size_t field) {
    if (encoding_ == Encoding::ascii) return cloud.put(point, field, next_word());
    cloud.put(point, field, next_bytes(type), encoding_ == Encoding::big);
  }

  // Around a row of an element, which an ascii file has on a line of its own.
  void begin_row() {
    if (encoding_ == Encoding::ascii)
      at_ = std::min(bytes_.find_first_not_of(kBlanks, at_), bytes_.size());
  }
  void end_row() {
    if (encoding_ != Encoding::ascii) return;
    const auto next = bytes_.find_first_not_of(" \t", at_);
    if (next == std::string::npos || bytes_[next] == '\r' || bytes_[next] == '\n') return;
    throw InvalidInput(name_ + ": byte " + std::to_string(next),
                       "the line has more numbers than its element has properties");
  }

  // Bytes not yet handed out: an upper bound on the numbers that can follow.
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  const char* next_bytes(ScalarType type) {
    const auto width = to_size(type.width);
    if (bytes_.size() - at_ < width)
      throw InvalidInput(name_, "ends before the points it declares");
    at_ += width;
    return bytes_.data() + at_ - width;
  }

  double next_word() {
    const auto begin = bytes_.find_first_not_of(" \t", at_);
    if (begin == std::string::npos) throw InvalidInput(name_, "ends before the points it declares");
    if (bytes_[begin] == '\r' || bytes_[begin] == '\n') {
      throw InvalidInput(name_ + ": byte " + std::to_string(begin),
                         "the line has fewer numbers than its element has properties");
    }
    const auto end = std::min(bytes_.find_first_of(kBlanks, begin), bytes_.size());
    const auto value = parse_double(std::string_view(bytes_).substr(begin, end - begin));
    if (!value) {
      throw InvalidInput(name_ + ": byte " + std::to_string(begin),
                         "\"" + bytes_.substr(begin, std::min<std::size_t>(end - begin, 30)) +
                             "\" must be a number");
    }
    at_ = end;
    return *value;
  }

  static constexpr const char* kBlanks = " \t\r\n";

  const std::string& bytes_;
  const std::string& name_;
  Encoding encoding_;
  std::size_t at_;
};

// Passes over a list, of an element that is not read (faces, for instance) or of a vertex.
void skip_list(Body& body, const Element& element, const Property& list, const std::string& name) {
  const double count = body.next(*list.count);
  // Every entry takes at least a byte, so no list is longer than what is left of the file.
  if (!(count >= 0.0 && count <= static_cast<double>(body.left()) && count == std::floor(count))) {
    throw InvalidInput(name, "a list of element " + element.name + " has an impossible length");
  }
  for (auto left = static_cast<std::size_t>(count); left > 0; --left) body.next(list.type);
}

void skip_row(Body& body, const Element& element, const std::string& name) {
  body.begin_row();
  for (const auto& property : element.properties) {
    if (property.count)
      skip_list(body, element, property, name);
    else
      body.next(property.type);
  }
  body.end_row();
}

// The points of the element, whose count is within the file.
Cloud read_vertices(Body& body, const Element& element, const std::string& axes,
                    const ReadOptions& options, const std::string& name) {
  constexpr std::size_t kList = static_cast<std::size_t>(-1);
  std::vector<Field> fields;
  std::vector<std::size_t> field_of;  // of each property
  for (const Property& property : element.properties) {
    field_of.push_back(property.count ? kList : fields.size());
    if (!property.count) fields.push_back({property.name, property.type});
  }
  const auto n = static_cast<Index>(element.count);
  RecordCloud cloud(std::move(fields), n, options, name, "vertex");
  for (Index i = 0; i < n; ++i) {
    body.begin_row();
    for (std::size_t p = 0; p < field_of.size(); ++p) {
      const Property& property = element.properties[p];
      if (property.count)
        skip_list(body, element, property, name);
      else
        body.next(property.type, cloud, i, field_of[p]);
    }
    body.end_row();
  }
  Cloud read = cloud.take();
  const bool padded = !axes.empty() && options.columns.empty();
  return padded ? without_padding(std::move(read), axes) : read;
}

}  // namespace

Cloud parse_ply(const std::string& bytes, const std::string& name, const ReadOptions& options) {
  const PlyHeader header = HeaderReader(bytes, name).read();
  Body body(bytes, header, name);
  for (const Element& element : header.elements) {
    // Elements stand in the order of the header: those before the vertices must be passed over.
    if (element.name != "vertex") {
      if (element.count > body.left())
        throw InvalidInput(name, "ends before the points it declares");
      for (std::uint64_t i = 0; i < element.count; ++i) skip_row(body, element, name);
      continue;
    }
    if (element.count == 0) throw InvalidInput(name, "has 0 points");
    // Every number takes at least one byte, so a count beyond the file is refused before any
    // allocation.
    if (element.properties.empty() || element.count > body.left() / element.properties.size()) {
      throw InvalidInput(name, "declares " + std::to_string(element.count) + " points, but " +
                                   std::to_string(body.left()) + " bytes follow");
    }
    // What follows the vertices (faces, ...) is not read.
    return read_vertices(body, element, header.axes, options, name);
  }
  throw InvalidInput(name, "has no element vertex");
}

std::string encode_ply(const Cloud& cloud) {
  const RecordLayout layout = encode_records(cloud, "PLY");
  std::string bytes = "ply\nformat binary_little_endian 1.0\n";
  if (layout.axes != kRecordAxes) bytes += "comment " + padding_words(layout.axes) + "\n";
  bytes += "element vertex " + std::to_string(cloud.points.rows()) + "\n";
  for (const Field& field : layout.fields)
    bytes += std::string("property ") + name_of(field.type) + " " + field.name + "\n";
  return bytes + "end_header\n" + layout.bytes;
}

}  // namespace otbridge
