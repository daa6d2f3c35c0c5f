// PCD, the format of the Point Cloud Library: a header of lines, then records as text or bytes.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <sstream>

#include "io/byte_order.hpp"
#include "io/cloud_text.hpp"
#include "io/header_lines.hpp"
#include "io/record_cloud.hpp"
#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

struct PcdHeader {
  std::vector<StoredField> fields;  // of one number each: a field of three is three of them
  std::size_t record = 0;           // bytes of a binary record
  std::vector<std::size_t> gaps;    // of an ascii line: words before each field and behind the last
  std::uint64_t points = 0;
  std::string axes;  // which alone are coordinates, the others being zeros that we wrote
  bool binary = false;
  std::size_t size = 0;  // bytes up to the data
  Index lines = 0;
};

class PcdHeaderReader {
 public:
  PcdHeaderReader(const std::string& bytes, const std::string& name)
      : name_(name), lines_(bytes, name, "the PCD header has no DATA line") {}

  PcdHeader read() {
    PcdHeader header;
    // One key a line, in the order of the format; comments and the point of view are passed over.
    for (std::string encoding; encoding.empty();) {
      const std::string line = lines_.next();
      if (line.starts_with("# ") && header.axes.empty()) header.axes = padded_axes(line.substr(2));
      std::istringstream words(line);
      std::string key;
      words >> key;
      std::vector<std::string> values;
      for (std::string word; words >> word;) values.push_back(word);
      if (key.starts_with('#') || key.empty() || key == "VIEWPOINT") continue;
      if (key == "VERSION") continue;
      if (key == "FIELDS" || key == "COLUMNS")
        names_ = values;
      else if (key == "SIZE")
        sizes_ = counts(key, values);
      else if (key == "TYPE")
        types_ = values;
      else if (key == "COUNT")
        counts_ = counts(key, values);
      else if (key == "WIDTH")
        width_ = one(key, values);
      else if (key == "HEIGHT")
        height_ = one(key, values);
      else if (key == "POINTS")
        header.points = one(key, values);
      else if (key == "DATA")
        encoding = values.empty() ? "nothing" : values[0];
      else
        fail("unknown word \"" + key.substr(0, 30) + "\"");
      if (encoding == "binary_compressed")
        fail("DATA binary_compressed is not read; save it as binary or ascii");
      if (!encoding.empty() && encoding != "ascii" && encoding != "binary")
        fail("DATA must be ascii or binary");
      header.binary = encoding == "binary";
    }
    header.size = lines_.at();
    header.lines = lines_.read();
    if (header.points == 0) header.points = width_ * height_;
    add_fields(header);
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { lines_.fail(what); }

  std::vector<std::uint64_t> counts(const std::string& key,
                                    const std::vector<std::string>& values) const {
    std::vector<std::uint64_t> numbers;
    for (const std::string& value : values) {
      // Nine digits: the product of width and height fits in 64 bits.
      const bool digits = value.size() <= 9 && !value.empty() &&
                          std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
      if (!digits) fail(key + " must hold whole numbers below 1e9");
      numbers.push_back(std::stoull(value));
    }
    return numbers;
  }
  std::uint64_t one(const std::string& key, const std::vector<std::string>& values) const {
    if (values.size() != 1) fail(key + " must hold one number");
    return counts(key, values)[0];
  }

  void add_fields(PcdHeader& header) {
    // In all, each number of a field having its own: a short header fills no memory, and what is
    // read can be written on one line.
    constexpr std::size_t kLongestNames = 1'000'000;
    std::size_t named = 0;
    if (counts_.empty()) counts_.assign(names_.size(), 1);
    if (names_.empty() || sizes_.size() != names_.size() || types_.size() != names_.size() ||
        counts_.size() != names_.size()) {
      throw InvalidInput(name_, "needs as many values in SIZE, TYPE and COUNT as in FIELDS");
    }
    header.gaps.push_back(0);
    for (std::size_t k = 0; k < names_.size(); ++k) {
      const char kind = types_[k] == "F"   ? 'f'
                        : types_[k] == "I" ? 'i'
                        : types_[k] == "U" ? 'u'
                                           : '?';
      const ScalarType type{kind, static_cast<int>(std::min<std::uint64_t>(sizes_[k], 99))};
      if (kind == '?' || reader_of(type) == nullptr || type == ScalarType{'f', 2})
        throw InvalidInput(name_, "field " + names_[k] + " has an unknown type");
      const std::size_t count = counts_[k];
      // Bytes between fields are called _ there, and mean nothing.
      if (names_[k] == "_") {
        header.gaps.back() += count;
        header.record += count * to_size(type.width);
        continue;
      }
      for (std::size_t c = 0; c < count; ++c) {
        const std::string name = names_[k] + (count > 1 ? "_" + std::to_string(c) : "");
        named += name.size() + 1;
        if (named > kLongestNames)
          throw InvalidInput(name_, "has field names of more than a million bytes");
        header.fields.push_back({{name, type}, header.record});
        header.gaps.push_back(0);
        header.record += to_size(type.width);
      }
    }
  }

  const std::string& name_;
  HeaderLines lines_;
  std::vector<std::string> names_, types_;
  std::vector<std::uint64_t> sizes_, counts_;
  std::uint64_t width_ = 0, height_ = 1;
};

// Words of a line, as many as the header has fields.
class PcdText {
 public:
  PcdText(std::string_view text, Index lines, const std::string& name)
      : text_(text), name_(name), line_(lines + 1) {}

  // To the next line that is not blank.
  void begin_line() {
    for (;; ++at_) {
      at_ = std::min(text_.find_first_not_of(" \t\r", at_), text_.size());
      if (at_ == text_.size()) throw InvalidInput(name_, "ends before the points it declares");
      if (text_[at_] != '\n') return;
      ++line_;
    }
  }
  std::string_view word() {
    at_ = std::min(text_.find_first_not_of(" \t\r", at_), text_.size());
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n", at_), text_.size());
    if (at_ == end) throw InvalidInput(place(), "has fewer numbers than the header has fields");
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }
  void end_line() {
    at_ = std::min(text_.find_first_not_of(" \t\r", at_), text_.size());
    if (at_ < text_.size() && text_[at_] != '\n')
      throw InvalidInput(place(), "has more numbers than the header has fields");
  }
  std::string place() const { return name_ + ":" + std::to_string(line_); }

 private:
  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  Index line_;
};

// A line for each point.
Cloud read_text(std::string_view text, const PcdHeader& header, const ReadOptions& options,
                const std::string& name) {
  std::vector<Field> fields;
  for (const StoredField& stored : header.fields) fields.push_back(stored.field);
  RecordCloud cloud(fields, static_cast<Index>(header.points), options, name, "point");
  PcdText lines(text, header.lines, name);
  const auto skip = [&](std::size_t words) {
    for (; words > 0; --words) lines.word();
  };
  for (Index i = 0; i < static_cast<Index>(header.points); ++i) {
    lines.begin_line();
    for (std::size_t k = 0; k < fields.size(); ++k) {
      skip(header.gaps[k]);
      const std::string_view word = lines.word();
      const auto value = parse_double(word);
      if (!value) {
        throw InvalidInput(
            lines.place() + ": " + fields[k].name + " = " + std::string(word.substr(0, 30)),
            "must be a number");
      }
      cloud.put(i, k, *value);
    }
    skip(header.gaps.back());
    lines.end_line();
  }
  return cloud.take();
}

const char* kind_of(ScalarType type) {
  return type.kind == 'f' ? "F" : type.kind == 'i' ? "I" : "U";
}

}  // namespace

Cloud parse_pcd(const std::string& bytes, const std::string& name, const ReadOptions& options) {
  const PcdHeader header = PcdHeaderReader(bytes, name).read();
  if (header.points == 0) throw InvalidInput(name, "has 0 points");
  const std::string_view data = std::string_view(bytes).substr(header.size);
  // In a text every number takes two bytes at least, but for the last.
  const std::size_t record =
      header.binary ? header.record : std::max<std::size_t>(1, 2 * header.fields.size() - 1);
  if (header.fields.empty() || header.points > data.size() / record) {
    throw InvalidInput(name, "declares " + std::to_string(header.points) + " points, but " +
                                 std::to_string(data.size()) + " bytes follow");
  }
  Cloud cloud = header.binary ? read_records(data.data(), static_cast<Index>(header.points),
                                             header.record, header.fields, options, name, "point")
                              : read_text(data, header, options, name);
  const bool padded = !header.axes.empty() && options.columns.empty();
  return padded ? without_padding(std::move(cloud), header.axes) : cloud;
}

std::string encode_pcd(const Cloud& cloud) {
  const RecordLayout layout = encode_records(cloud, "PCD");
  const std::string n = std::to_string(cloud.points.rows());
  std::string names = "FIELDS", sizes = "SIZE", types = "TYPE", counts = "COUNT";
  for (const Field& field : layout.fields) {
    names += " " + field.name;
    sizes += " " + std::to_string(field.type.width);
    types += std::string(" ") + kind_of(field.type);
    counts += " 1";
  }
  const std::string padding =
      layout.axes != kRecordAxes ? "# " + padding_words(layout.axes) + "\n" : std::string();
  return "# .PCD v0.7 - Point Cloud Data file format\n" + padding + "VERSION 0.7\n" + names + "\n" +
         sizes + "\n" + types + "\n" + counts + "\nWIDTH " + n +
         "\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS " + n + "\nDATA binary\n" + layout.bytes;
}

}  // namespace otbridge
