#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <sstream>

#include "io/byte_order.hpp"
#include "io/cloud_text.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

enum class Encoding { ascii, little, big };

struct Type {
  std::size_t width = 0;  // bytes in a binary file
  double (*read)(const char*, bool) = nullptr;
};

// Both spellings of the types: of 1994, and with widths.
std::optional<Type> type_named(const std::string& name) {
  if (name == "char" || name == "int8") return Type{1, as_double<std::int8_t>};
  if (name == "uchar" || name == "uint8") return Type{1, as_double<std::uint8_t>};
  if (name == "short" || name == "int16") return Type{2, as_double<std::int16_t>};
  if (name == "ushort" || name == "uint16") return Type{2, as_double<std::uint16_t>};
  if (name == "int" || name == "int32") return Type{4, as_double<std::int32_t>};
  if (name == "uint" || name == "uint32") return Type{4, as_double<std::uint32_t>};
  if (name == "float" || name == "float32") return Type{4, as_double<float>};
  if (name == "double" || name == "float64") return Type{8, as_double<double>};
  return std::nullopt;
}

struct Property {
  std::string name;
  Type type;
  std::optional<Type> count;  // of a list property
};

struct Element {
  std::string name;
  std::uint64_t count = 0;
  std::vector<Property> properties;
};

struct PlyHeader {
  Encoding encoding = Encoding::ascii;
  std::vector<Element> elements;
  std::size_t size = 0;  // bytes up to the data
};

// Text in every encoding of the body. Limits and words are checked as they come.
class HeaderReader {
 public:
  HeaderReader(const std::string& bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  PlyHeader read() {
    if (next() != "ply") throw InvalidInput(name_, "is not a PLY file");
    PlyHeader header;
    bool has_format = false;
    // One line each: format, elements with their properties in order, comments.
    for (;;) {
      std::istringstream words(next());
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
    header.size = at_;
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InvalidInput(name_ + ":" + std::to_string(line_), what);
  }

  // The next line of the header, of 4096 bytes at most: a binary file of another kind has no lines.
  std::string next() {
    const auto end = bytes_.find('\n', at_);
    if (end == std::string::npos || end - at_ > 4096) fail("the PLY header has no end_header");
    std::string line = bytes_.substr(at_, end - at_);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    at_ = end + 1;
    ++line_;
    return line;
  }

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
    std::optional<Type> count;
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

  const std::string& bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
  Index line_ = 0;
};

// Hands out the numbers of the body one after another.
class Body {
 public:
  Body(const std::string& bytes, const PlyHeader& header, const std::string& name)
      : bytes_(bytes), name_(name), encoding_(header.encoding), at_(header.size) {}

  // In a binary file by the width of its type, in an ascii file by the next word.
  double next(const Type& type) {
    if (encoding_ == Encoding::ascii) return next_word();
    if (bytes_.size() - at_ < type.width)
      throw InvalidInput(name_, "ends before the points it declares");
    const double value = type.read(bytes_.data() + at_, encoding_ == Encoding::big);
    at_ += type.width;
    return value;
  }

  // Bytes not yet handed out: an upper bound on the numbers that can follow.
  std::size_t left() const { return bytes_.size() - at_; }

 private:
  double next_word() {
    const auto begin = bytes_.find_first_not_of(" \t\r\n", at_);
    if (begin == std::string::npos) throw InvalidInput(name_, "ends before the points it declares");
    const auto end = std::min(bytes_.find_first_of(" \t\r\n", begin), bytes_.size());
    const auto value = parse_double(std::string_view(bytes_).substr(begin, end - begin));
    if (!value) {
      throw InvalidInput(name_ + ": byte " + std::to_string(begin),
                         "\"" + bytes_.substr(begin, std::min<std::size_t>(end - begin, 30)) +
                             "\" must be a number");
    }
    at_ = end;
    return *value;
  }

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
  for (const auto& property : element.properties) {
    if (property.count)
      skip_list(body, element, property, name);
    else
      body.next(property.type);
  }
}

}  // namespace

Cloud parse_ply(const std::string& bytes, const std::string& name) {
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
    if (element.properties.empty() || element.count > body.left()) {
      throw InvalidInput(name, "declares " + std::to_string(element.count) + " points, but " +
                                   std::to_string(body.left()) + " bytes follow");
    }
    std::vector<int> slot;  // of each property: coordinate 0..2, weight 3, or -1: not read
    Index d = 0;
    for (const auto& property : element.properties) {
      static const std::vector<std::string> kNames{"x", "y", "z", "weight"};
      const auto found = std::ranges::find(kNames, property.name);
      if (property.count && found != kNames.end())
        throw InvalidInput(
            name, "property " + property.name + " of the vertices must be a number, not a list");
      slot.push_back(found == kNames.end() ? -1 : static_cast<int>(found - kNames.begin()));
      if (slot.back() >= 0 && slot.back() < 3) d = std::max<Index>(d, slot.back() + 1);
    }
    // y without x, or x twice, is no cloud.
    for (int c = 0; c < d; ++c) {
      if (std::ranges::count(slot, c) != 1)
        throw InvalidInput(name, "the vertices need x, y and z once each");
    }
    if (d == 0) throw InvalidInput(name, "the vertices have no property x");
    Cloud cloud;
    const auto n = static_cast<Index>(element.count);
    // Properties that are not read (normals, colours) still take their bytes.
    cloud.points.resize(n, d);
    const bool weighted = std::ranges::find(slot, 3) != slot.end();
    if (weighted) cloud.weights.resize(n);
    for (Index i = 0; i < n; ++i) {
      for (std::size_t p = 0; p < slot.size(); ++p) {
        const Property& property = element.properties[p];
        if (property.count) {
          skip_list(body, element, property, name);
          continue;
        }
        const double value = body.next(property.type);
        if (slot[p] == 3) cloud.weights[i] = value;
        if (slot[p] >= 0 && slot[p] < 3) cloud.points(i, slot[p]) = value;
      }
    }
    for (Index c = 0; c < d; ++c) cloud.columns.emplace_back(1, static_cast<char>('x' + c));
    // What follows the vertices (faces, ...) is not read.
    check_cloud(cloud, name, "vertex", 0);
    return cloud;
  }
  throw InvalidInput(name, "has no element vertex");
}

// x, y, z and weight; columns have no other names in this format, and ids no place.
std::string encode_ply(const Cloud& cloud) {
  if (cloud.points.cols() > 3) {
    throw InvalidInput("PLY output", "a cloud of dimension " + std::to_string(cloud.points.cols()) +
                                         " does not fit; PLY holds at most 3");
  }
  std::string bytes = "ply\nformat binary_little_endian 1.0\nelement vertex " +
                      std::to_string(cloud.points.rows()) + "\n";
  for (Index c = 0; c < cloud.points.cols(); ++c) {
    bytes += std::string("property double ") + static_cast<char>('x' + c) + "\n";
  }
  if (cloud.weights.size() > 0) bytes += "property double weight\n";
  bytes += "end_header\n";
  // Doubles as they lie in memory: written on little-endian machines only.
  const auto put = [&](double value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  for (Index i = 0; i < cloud.points.rows(); ++i) {
    for (Index c = 0; c < cloud.points.cols(); ++c) put(cloud.points(i, c));
    if (cloud.weights.size() > 0) put(cloud.weights[i]);
  }
  return bytes;
}

}  // namespace otbridge
